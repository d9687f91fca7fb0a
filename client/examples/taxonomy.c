// SPDX-License-Identifier: MIT
// usage: example-taxonomy [CATALOG]
// Every event type of a catalog: as a number of an enumeration, with what is known of it.
#include <oyez/catalog.h>
#include <oyez/types.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    const char *catalog = argc > 1 ? argv[1] : "cleveragents";
    // The enumeration is made from the same file as the table.
    const struct oyez_type *created = oyez_type_at(OYEZ_TYPE_CLEVERAGENTS_PLAN_CREATED);
    printf("%s: catalog %s, domain %s\n", created->name, created->catalog->name, created->domain);

    const char *domain = "";
    unsigned types = 0;
    unsigned domains = 0;
    for (size_t i = 0; i < oyez_type_count(); i++) {
        const struct oyez_type *type = oyez_type_at(i);
        if (strcmp(type->catalog->name, catalog) != 0)
            continue;
        types++;
        if (strcmp(type->domain, domain) != 0) {
            domain = type->domain;
            domains++;
            printf("%s%s:", domains == 1 ? "" : "\n", domain);
        }
        printf(" %s", type->name);
    }
    printf("\n%u types in %u domains\n", types, domains);
    return 0;
}
