// SPDX-License-Identifier: MIT
// A program with a race, to prove that ThreadSanitizer sees ours though libzmq is suppressed.
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#define ROUNDS 100

static pthread_barrier_t together;
static int shared;
static char message[64];

static void *touch_memory(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&together);
        shared++;
    }
    return NULL;
}

// Our own buffer, handed to libzmq while another thread writes it.
static void *touch_inproc(void *socket)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&together);
        message[0]++;
        (void)zmq_send(socket, message, sizeof message, ZMQ_DONTWAIT);
    }
    return NULL;
}

static int race(void *(*touch)(void *), void *first, void *second)
{
    pthread_t a;
    pthread_t b;
    if (pthread_barrier_init(&together, NULL, 2) != 0 ||
        pthread_create(&a, NULL, touch, first) != 0 || pthread_create(&b, NULL, touch, second) != 0)
        return 1;
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    return 0;
}

int main(int argc, char **argv)
{
    void *context = zmq_ctx_new();
    void *first = zmq_socket(context, ZMQ_PUB);
    void *second = zmq_socket(context, ZMQ_PUB);
    int rc = argc > 1 && strcmp(argv[1], "inproc") == 0 ? race(touch_inproc, first, second)
                                                        : race(touch_memory, NULL, NULL);
    zmq_close(first);
    zmq_close(second);
    zmq_ctx_term(context);
    printf("%d %d\n", shared, message[0]);
    return rc;
}
