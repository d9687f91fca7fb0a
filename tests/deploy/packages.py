# SPDX-License-Identifier: MIT
"""The Debian packages: built, judged by lintian, installed in a bare Debian, used there, removed."""
import subprocess

from podman import BASE, ROOT, Podman, equal

PACKAGES = {"liboyez1", "liboyez-dev", "oyez", "oyez-server"}

CONSUMER = """\
#include <oyez/client.h>
#include <stdio.h>

int main(void)
{
    oyez_client *client = NULL;
    const struct oyez_event event = {.event_type = "session.created", .details = "{}"};
    struct oyez_receipt receipt = {0};
    oyez_err err = oyez_client_open(&client, NULL, 20000);
    if (err == OYEZ_OK)
        err = oyez_client_emit_wait(client, &event, OYEZ_LEVEL_RECORDED, 20000, &receipt);
    oyez_client_close(&client);
    printf("consumer: %s\\n", oyez_strerror(err));
    return err == OYEZ_OK ? 0 : 1;
}
"""

# Debian's image leaves manual pages out; a machine does not.
STEPS = """\
set -eux
rm -f /etc/dpkg/dpkg.cfg.d/docker /etc/dpkg/dpkg.cfg.d/excludes
apt-get update -q
apt-get install -q -y --no-install-recommends /packages/oyez_*.deb /packages/oyez-server_*.deb \\
  man-db bash-completion
mkdir -p /var/lib/oyez
export OYEZ_ENDPOINT=ipc:///tmp/bus # the network is the machine's
oyez serve --listen $OYEZ_ENDPOINT --data /var/lib/oyez/journal &
server=$!
oyez health --wait 20
oyez emit session.created '{}' --level recorded
man oyez | grep -q 'emit domain events'
man oyez-broker | grep -q listen
bash -c '. /usr/share/bash-completion/bash_completion; . /usr/share/bash-completion/completions/oyez;
  COMP_WORDS=(oyez que); COMP_CWORD=1; COMP_LINE="oyez que"; COMP_POINT=8
  $(complete -p oyez | sed "s/.*-F \\([^ ]*\\) .*/\\1/"); [[ " ${COMPREPLY[*]} " == *" query "* ]]'
apt-get install -q -y --no-install-recommends /packages/liboyez*.deb gcc libc6-dev pkgconf
flags=$(pkg-config --cflags --libs oyez)
gcc -std=c11 /packages/consumer.c -o consumer $flags
./consumer
kill $server
wait $server
apt-get purge -q -y oyez oyez-server liboyez1 liboyez-dev
test ! -e /usr/bin/oyez
test -e /var/lib/oyez/journal/00000000000000000000.seg
echo all steps done
"""


def run(podman):
    out = podman.directory / "packages"
    made = subprocess.run([str(ROOT / "deploy/debian-packages"), str(out)], text=True,
                          capture_output=True, check=False)
    equal(made.returncode, 0, f"deploy/debian-packages:\n{made.stdout}{made.stderr}")
    names = {path.name.split("_")[0]: path for path in out.glob("*.deb")}
    equal(set(names), PACKAGES, "the packages")
    for path in sorted(out.glob("*.deb")):
        print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")
    (out / "consumer.c").write_text(CONSUMER)
    (out / "steps.sh").write_text(STEPS)
    done = podman.try_run("run", "--rm", "--network", "host", "--volume", f"{out}:/packages:ro",
                          BASE, "bash", "/packages/steps.sh")
    equal(done.returncode, 0, f"in a bare Debian:\n{done.stdout[-3000:]}\n{done.stderr[-4000:]}")
    equal("consumer: " in done.stdout, True, "the consumer emits")


with Podman() as here:
    here.make_base()
    here.check_it_runs()
    run(here)
