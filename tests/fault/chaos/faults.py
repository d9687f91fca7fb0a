# SPDX-License-Identifier: MIT
"""The faults, each of a kind that is counted. A fault is begun, lasts, and is over; the times and
what it happens to are the generator's."""
import collections
import signal
import time

SOCKETS = ("control", "ingress", "egress")
# Where messages are lost in truth: queues that are full drop whole ones.
DROPS = (("emitters", "ingress", "up"), ("emitters", "control", "down"),
         ("emitters", "control", "up"), ("subscribers", "egress", "down"),
         ("subscribers", "control", "down"), ("recorder", "egress", "down"),
         ("recorder", "control", "down"), ("recorder", "control", "up"))
USED = {"emitters": ("control", "ingress"), "subscribers": ("control", "egress"),
        "recorder": ("control", "egress")}


class Faults:
    def __init__(self, cluster, random, shortest=0.05, longest=2.0):
        self.cluster = cluster
        self.random = random
        self.shortest, self.longest = shortest, longest
        self.counts = collections.Counter()
        self.bag = []
        self.kinds = {name[6:]: getattr(self, name) for name in dir(self)
                      if name.startswith("fault_")}
        if cluster.mirror is None:
            for kind in ("kill_mirror", "stop_mirror"):
                self.kinds.pop(kind)
        self.log = []

    def run_one(self, kind=None):
        """The next fault out of a bag that has each kind once."""
        if kind is None:
            if not self.bag:
                self.bag = sorted(self.kinds)
                self.random.shuffle(self.bag)
            kind = self.bag.pop()
        began = time.monotonic()
        what = self.kinds[kind]()
        self.counts[kind] += 1
        self.log.append(f"{began:.3f} {kind} {what or ''} for {time.monotonic() - began:.3f} s")
        self.cluster.check_running()

    def last(self):
        """How long a fault lasts is what is random."""
        seconds = self.random.uniform(self.shortest, self.longest)
        time.sleep(seconds)

    def proxy_and_socket(self):
        role = self.random.choice(sorted(USED))
        return self.cluster.proxies[role], self.random.choice(USED[role])

    def fault_delay(self):
        proxy, socket = self.proxy_and_socket()
        ms = self.random.choice((3, 30, 300))
        proxy.tell(f"delay {socket} {ms}")
        self.last()
        proxy.tell(f"delay {socket} 0")
        return f"{proxy.name} {socket} {ms} ms"

    def fault_cut(self):
        proxy, socket = self.proxy_and_socket()
        proxy.tell(f"cut {socket}")
        return f"{proxy.name} {socket}"

    def fault_half_open(self):
        proxy, socket = self.proxy_and_socket()
        way = self.random.choice(("up", "down"))
        proxy.tell(f"half {socket} {way}")
        self.last()
        proxy.tell("heal")
        return f"{proxy.name} {socket} {way}"

    def fault_freeze(self):
        proxy, socket = self.proxy_and_socket()
        proxy.tell(f"freeze {socket}")
        self.last()
        proxy.tell(f"thaw {socket}")
        return f"{proxy.name} {socket}"

    def fault_black_hole(self):
        proxy, socket = self.proxy_and_socket()
        proxy.tell(f"hole {socket} on")
        proxy.tell(f"cut {socket}")
        self.last()
        proxy.tell("heal")
        return f"{proxy.name} {socket}"

    def fault_drop(self):
        role, socket, way = self.random.choice(DROPS)
        count = self.random.choice((1, 3, 20))
        chance = self.random.choice(("1", "0.3", "0.03"))
        proxy = self.cluster.proxies[role]
        proxy.tell(f"drop {socket} {way} count={count} chance={chance}")
        self.last()
        proxy.tell("heal")
        return f"{role} {socket} {way} {count} {chance}"

    def fault_kill_broker(self):
        self.cluster.broker.kill()
        self.cluster.start_broker()

    def fault_kill_recorder(self):
        self.cluster.recorder.kill()
        self.last()
        self.cluster.start_recorder()

    def fault_kill_both(self):
        self.cluster.broker.kill()
        self.cluster.recorder.kill()
        first = self.random.choice((self.cluster.start_broker, self.cluster.start_recorder))
        first()
        if first == self.cluster.start_broker:  # a method bound anew is equal
            self.cluster.start_recorder()
        else:
            self.cluster.start_broker()

    def fault_kill_mirror(self):
        self.cluster.mirror.kill()
        self.cluster.mirror = self.cluster.start_mirror()

    def fault_kill_emitter(self):
        place = self.random.randrange(len(self.cluster.emitters))
        self.cluster.emitters[place][0].kill()
        self.cluster.emitters[place] = self.cluster.start_emitter()

    def fault_kill_subscriber(self):
        # Never the first: one is to have seen everything live.
        place = self.random.randrange(1, len(self.cluster.subscribers))
        old, ledger = self.cluster.subscribers[place]
        old.kill()
        lines = [line.split() for line in ledger.read_text(encoding="ascii").split("\n")[:-1]]
        promise = lines[0][2:]
        if promise[0] == "recorded":
            # It goes on behind the last one that it wrote down.
            seen = [line for line in lines if line[0] == "S"]
            begin = f"{seen[-1][1]}:{seen[-1][2]}" if seen else "first"
            self.cluster.subscribers[place] = self.cluster.run_subscriber(ledger, promise, begin)
        else:
            self.cluster.subscribers[place] = self.cluster.start_subscriber("late-subscriber",
                                                                            promise)
        return ledger.stem

    def stop_and_continue(self, process):
        process.send_signal(signal.SIGSTOP)
        self.last()
        process.send_signal(signal.SIGCONT)

    def fault_stop_broker(self):
        self.stop_and_continue(self.cluster.broker)

    def fault_stop_recorder(self):
        self.stop_and_continue(self.cluster.recorder)

    def fault_stop_mirror(self):
        self.stop_and_continue(self.cluster.mirror)

    def fault_stop_emitter(self):
        process, ledger = self.random.choice(self.cluster.emitters)
        self.stop_and_continue(process)
        return ledger.stem

    def fault_stop_subscriber(self):
        process, ledger = self.random.choice(self.cluster.subscribers)
        self.stop_and_continue(process)
        return ledger.stem
