"""One picture through AttackNet by every runtime, and through the networks of Table 1 by one of them.

Chapter 3.5 shows the same with its spread. One thread each; see :mod:`attacknet.latency`.
"""

from collections.abc import Callable

from attacknet import latency, rivals
from attacknet.latency import EXPORTS, KERAS, MATMUL, Way
from attacknet.paper import layers

SECONDS = 0.5
LITERT = "LiteRT float32"


def bench_runtimes(keep: Callable[..., None]) -> None:
    """Ask AttackNet by every runtime."""
    times = latency.measure([Way(runtime) for runtime in (*KERAS, *EXPORTS)], seconds=SECONDS)
    for row in times.itertuples():
        keep("one picture through AttackNet, one thread", row.runtime, row.fastest, reference="Keras predict")


def bench_networks(keep: Callable[..., None]) -> None:
    """Ask each network of Table 1."""
    names = {"AttackNet": Way(LITERT)} | {name: Way(LITERT, name) for name in rivals.BUILDERS}
    times = latency.measure(list(names.values()), seconds=SECONDS)["fastest"]
    for name, seconds in zip(names, times, strict=True):
        keep(f"one picture of 32×32 in {LITERT}, one thread", name, seconds, reference="AttackNet")


def bench_share_of_peak(keep: Callable[..., None]) -> None:
    """Tell how near LiteRT comes to the most arithmetic that a core can do."""
    side, task = 512, "a million float32 operations, one thread"
    product, network = latency.measure([Way(MATMUL, "", side), Way(LITERT)], seconds=SECONDS)["fastest"]
    peak = f"numpy's product of {side}×{side} matrices"
    keep(task, peak, product / (2 * side**3 / 1e6), reference=peak)
    keep(task, f"AttackNet in {LITERT}", network / (layers.attacknet_cost().flops / 1e6), reference=peak)
