# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6.4 Scale
#
# *Section 6.2.4 of the paper {cite:p}`kuznetsov2024attacknet`: may the system serve millions of users?*
#
# After this chapter you can
#
# - measure what one frame costs, step by step, and see for which step the bill is;
# - turn users a day into servers with Erlang's formula, every assumption in the open;
# - say what of section 6.2.4 follows from arithmetic, what from assumptions, and what stays open.
#
# The chapter presumes {doc}`/notebooks/03_2_efficiency`, which counts the network's operations. Costs are measured while this page is
# made, on frames of synthetic people; they change with the machine and with what else it is doing, and so do the servers that follow from them.
#
# ## What the section says
#
# Section 6.2.4 gives three reasons for a "strong basis" of scaling "up to millions of users":
#
# 1. **Low cost.** Few operations and parameters would let the system grow "{claim}`s.6.2.4.proportional` in computational resources".
# 2. **Continuous learning.** A model that "periodically updates itself with new data" would stay effective over time.
# 3. **Infrastructure.** Cloud services "can dynamically adjust to the demand".
#
# Its title announces a *predictive analysis*. The section gives no load, no waiting time and no number of servers, and says itself that
# evidence at that scale "remains beyond the scope of this paper". The analysis can be supplied: it needs the cost of
# a frame, which is measured below, and assumptions about use, which are parameters of this page.

# %% tags=["hide-input"]
import os

os.environ |= {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}

import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from myst_nb import glue

from attacknet import capacity, machine, model, plots
from attacknet.data.faces import Geometry, detected_face
from attacknet.data.media import quiet_cv2
from attacknet.display import figure, percent, table
from attacknet.paper import exact, ledger, tables
from attacknet.paper.tables import DATABASES, NAMES
from attacknet.standins import rooms, studio
from attacknet.standins.cast import Wish, person
from attacknet.standins.writers import replay_attack as webcam

plots.use_style()
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
cv2 = quiet_cv2()

# %% tags=["parameters"]
users_a_day: float = 10_000_000  # people who use the service on a day
attempts_a_user: float = 1.2  # presentations of one of them on a day
frames_an_attempt: int = 5  # frames that are looked at in one presentation
peak_factor: float = 3.0  # rate at the busiest time over the day's mean
target_wait: float = 0.1  # seconds within which service must begin ...
share_in_time: float = 0.99  # ... for this share of the presentations
utilisation_limit: float = 0.8  # largest share of the time that a server may be busy
variability: float = 1.0  # squared coefficient of variation of the service time: 0 constant, 1 exponential
people: int = 12  # synthetic people whose frames are timed
passes: int = 3  # passes over all frames; the fastest time of each step counts

# %% [markdown]
# ## What a frame costs
#
# A server that is sent a face must do more than evaluate a network. Here a frame goes through four steps, with the code of this
# companion and one thread:
#
# - **decode** the JPEG that arrives, of 320×240 pixels as from the webcam of Replay-Attack;
# - **find the face** with OpenCV's frontal detector, which is also what `attacknet data prepare` uses where a database has no boxes;
# - **crop** it to the network's 32×32 pixels;
# - evaluate the **network**, one crop at a time, compiled by TensorFlow.


# %% tags=["hide-input"]
def attempt(number: int) -> list[np.ndarray]:
    """Return the JPEG frames of one synthetic person before the webcam."""
    rng = studio.stream(0, "scale", str(number))
    shown = person(Wish(webcam.DATASET, number, "bonafide", rooms=("soft",)), rng)
    recorder = studio.Recorder.of(webcam.DATASET, rng)
    framing = webcam.FRAMINGS.draw(shown, recorder.camera, rng)
    framings = studio.sway(framing, frames_an_attempt, 0.004, rng)
    pictures = studio.record(shown, rooms.plain(recorder.camera.sensor, rng), framings, recorder)
    return [cv2.imencode(".jpg", picture.pixels[..., ::-1])[1] for picture in pictures]


attacknet = model.build()
network = tf.function(
    lambda crop: attacknet(crop, training=False), input_signature=[tf.TensorSpec((1, 32, 32, 3))]
)
geometry = Geometry()
STEPS = ("decode", "find the face", "crop", "network")


def serve(jpeg: np.ndarray) -> list[float]:
    """Return the seconds that each step takes; without a face there is nothing to crop."""
    marks = [time.perf_counter()]
    frame = cv2.cvtColor(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    marks.append(time.perf_counter())
    face = detected_face(0, frame)
    marks.append(time.perf_counter())
    if face is not None:
        crop = np.float32(geometry.crop(frame, face)[np.newaxis] / 255)
        marks.append(time.perf_counter())
        network(crop).numpy()
        marks.append(time.perf_counter())
    return [*np.diff(marks), 0.0, 0.0][: len(STEPS)]


# %%
attempts = [attempt(number) for number in range(people)]
serve(attempts[0][0])  # compiles the network and loads the detector
timed = np.array([[[serve(jpeg) for jpeg in frames] for frames in attempts] for _ in range(passes)])
seconds = timed.min(axis=0)  # (people, frames, steps): what else the machine does can only add
step_cost = dict(zip(STEPS, seconds.mean(axis=(0, 1)), strict=True))
frame_cost = sum(step_cost.values())
of_an_attempt = seconds.sum(axis=(1, 2))


# %% tags=["hide-input"]
def ms(duration: float) -> str:
    """Return seconds in milliseconds with two significant digits."""
    return f"{1000 * duration:.2g}" if duration < 0.0995 else f"{1000 * duration:.0f}"


fig, panel = plt.subplots(figsize=(plots.WIDTH, 1.9))
for y, (step, cost) in enumerate(step_cost.items()):
    panel.barh(y, 1000 * cost, color=plots.PALETTE[0] if step == "network" else "#9ca3af", height=0.66)
    panel.text(
        1000 * (cost + 0.01 * frame_cost),
        y,
        f"{ms(cost)} ms, {percent(cost / frame_cost)}",
        va="center",
        fontsize=8.5,
    )
panel.set(
    ylim=(len(STEPS) - 0.5, -0.5), xlim=(0, 1250 * max(step_cost.values())), xlabel="milliseconds a frame"
)
panel.set_yticks(range(len(STEPS)), STEPS)
panel.set_axisbelow(True)
panel.grid(axis="y", visible=False)
figure(
    fig,
    name="fig-frame-cost",
    caption=f"One frame on one thread: mean over {people} synthetic people with {frames_an_attempt} frames each, the fastest of {passes} passes. "
    f"{machine.processor()}, TensorFlow {tf.__version__}, OpenCV {cv2.__version__}.",
    alt="Four horizontal bars. "
    + ". ".join(f"{step}: {ms(cost)} milliseconds" for step, cost in step_cost.items())
    + ".",
    evidence="stand-in",
)
dearest = max(step_cost, key=step_cost.get)
glue("frame-cost", ms(frame_cost), display=False)
glue("dearest", dearest, display=False)
glue("dearest-share", percent(step_cost[dearest] / frame_cost, 0), display=False)
glue("network-share", percent(step_cost["network"] / frame_cost, 0), display=False)
glue("network-cost", ms(step_cost["network"]), display=False)
glue("measured-variability", f"{of_an_attempt.var() / of_an_attempt.mean() ** 2:.2f}", display=False)

# %% [markdown]
# A frame costs {glue:text}`frame-cost` ms. The largest part, {glue:text}`dearest-share`, goes into the step "{glue:text}`dearest`";
# the network, on whose few operations section 6.2.4 relies, takes {glue:text}`network-share`. Both ends of this can be moved: there are faster
# detectors and faster runtimes, a phone may find the face itself, and a larger frame takes longer to search. But the
# operations of the network alone do not say what a service costs.
#
# ## From users to servers
#
# Requests come at random. If $N$ people a day make $k$ attempts each and the busiest time is $p$ times as busy as the mean, then requests arrive at the
# rate $\lambda = N k p / 86\,400$ a second. An attempt keeps a server (here: one thread) busy for $S$ seconds, the frames of an attempt times
# the cost of a frame. The product is the **load** in erlangs,
#
# ```{math}
# a = \lambda S ,
# ```
#
# the number of servers that are busy on average. Fewer than $a$ servers cannot keep up. With exactly $a$ the line grows as well, since
# chance bunches requests. So $c > a$ servers are needed, and how many more is the question that Erlang answered for telephone
# exchanges {cite:p}`erlang1917`. With $B_0 = 1$ and $B_c = a B_{c-1} / (c + a B_{c-1})$, a request must wait with probability
#
# ```{math}
# C = \frac{B_c}{1 - (1 - B_c)\, a / c}
# ```
#
# and longer than $t$ with probability
#
# ```{math}
# C\, e^{-(c - a)\, t / S} .
# ```
#
# This is exact for service times that are exponentially distributed. For others the time scale of the waits is multiplied by $(1 + v) / 2$, where $v$ is
# the variance of the service time over its squared mean, an approximation {cite:p}`leelongton1959,whitt1993`. The attempts timed above have
# $v =$ {glue:text}`measured-variability`; the parameter `variability` is larger, to be on the safe side. The functions are those of
# `attacknet.capacity`, and the tests compare them with a simulation of single requests. For some loads: the servers with which 99 % of the waits are
# at most as long as one service, how many of them are a reserve, and how busy they are.

# %% tags=["nbval-check-output"]
print(" load servers reserve   busy must wait")
for load in (1, 10, 100, 1000, 10_000):
    queue = capacity.smallest(load, 1, wait=1, share=0.99)
    reserve = queue.servers - load
    print(f"{load:5} {queue.servers:7} {reserve:7} {queue.utilisation:6.2%} {queue.waiting:9.1%}")

# %% [markdown]
# {numref}`fig-wait` shows the reason. Many servers with one line are seldom all busy at once, so they can be used more fully before waits grow. A
# few servers must stand idle for much of the time to answer as promptly as many that are almost always busy.

# %% tags=["hide-input"]
fig, panel = plt.subplots(figsize=(plots.WIDTH, 3.1))
busy = np.linspace(0.02, 0.999, 400)
for servers, colour in zip((1, 4, 16, 64, 256), plots.PALETTE, strict=False):
    waits = [capacity.Queue(u * servers, 1.0, servers, variability).wait(share_in_time) for u in busy]
    panel.plot(busy, waits, color=colour, label=f"{servers}")
panel.axvline(utilisation_limit, color="#6b7280", linestyle="--", linewidth=1)
panel.text(utilisation_limit - 0.008, 7.8, "limit", ha="right", va="top", fontsize=8.5, color="#374151")
panel.set(xlim=(0, 1), ylim=(0, 8), xlabel="utilisation a / c", ylabel="wait, in service times")
panel.legend(title="servers", loc="upper left", title_fontsize=8.5)
figure(
    fig,
    name="fig-wait",
    caption=f"The wait that {percent(share_in_time, 0)} of the requests do not exceed, by how busy the servers are; service times with "
    f"v = {variability:g}. Dashed: the parameter `utilisation_limit`.",
    alt="Five curves that rise steeply towards a utilisation of one; the more servers, the later the rise. With one server waits are long before "
    "it is busy half the time, with 256 they stay near zero until the servers are almost always busy.",
    evidence="recomputed",
)


# %% [markdown]
# ## Millions of users
#
# {numref}`tab-servers` puts the measured cost and the parameters together, for the users of the parameter and for a tenth and ten times as many.


# %% tags=["hide-input"]
def service(users: float, cost: float, **other: float) -> capacity.Queue:
    """Return the smallest service for so many users a day, with the page's parameters or others."""
    assumed = {
        "attempts": attempts_a_user,
        "frames": frames_an_attempt,
        "peak": peak_factor,
        "wait": target_wait,
        "share": share_in_time,
        "limit": utilisation_limit,
        "variability": variability,
    } | other
    return capacity.smallest(
        capacity.peak_rate(users, assumed["attempts"], assumed["peak"]),
        assumed["frames"] * cost,
        wait=assumed["wait"],
        share=assumed["share"],
        limit=assumed["limit"],
        variability=assumed["variability"],
    )


def millions(users: float) -> str:
    """Return a number of users in millions."""
    return f"{users / 1e6:g} million"


rows = []
for users in (users_a_day / 10, users_a_day, 10 * users_a_day):
    queue = service(users, frame_cost)
    rows.append(
        {
            "users a day": millions(users),
            "attempts a second": f"{queue.arrivals:,.0f}",
            "load, erlangs": f"{queue.load:.3g}",
            "servers": queue.servers,
            "utilisation": percent(queue.utilisation, 0),
            "must wait": percent(queue.waiting),
            f"wait of {percent(share_in_time, 0)}, ms": f"{1000 * queue.wait(share_in_time):.0f}",
            "servers, network alone": service(users, step_cost["network"]).servers,
        }
    )
table(
    pd.DataFrame(rows),
    name="tab-servers",
    caption=f"Servers (threads) at the busiest time: {attempts_a_user:g} attempts a user, {frames_an_attempt} frames an attempt, peak factor {peak_factor:g}, "
    f"service begins within {1000 * target_wait:g} ms for {percent(share_in_time, 0)}, utilisation at most {percent(utilisation_limit, 0)}.",
    evidence="stand-in",
)
base = service(users_a_day, frame_cost)
alone = service(users_a_day, step_cost["network"])
printed = float(ledger.load()["s3.2.latency"].claim.number.value)
glue("users", millions(users_a_day), display=False)
glue("servers", base.servers, display=False)
glue("servers-network", alone.servers, display=False)
glue("servers-printed", service(users_a_day, printed).servers, display=False)

# %% [markdown]
# Under these assumptions {glue:text}`users` users a day need {glue:text}`servers` threads, and {glue:text}`servers-network` if only the network ran.
# With the {claim}`s3.2.latency` ms an image that section 3.2 prints, without saying which steps it covers, it would be {glue:text}`servers-printed`.
# So **the section's conclusion is plausible**: under these assumptions millions of users a day do not ask for much.
#
# How firm is the number? {numref}`tab-assumptions` changes one assumption at a time.

# %% tags=["hide-input"]
DEARER = "a network at ten times the cost"
ELSEWHERE = "the face found on the user's device"
changes = {
    "as assumed": base,
    "twice the peak factor": service(users_a_day, frame_cost, peak=2 * peak_factor),
    "twice the frames an attempt": service(users_a_day, frame_cost, frames=2 * frames_an_attempt),
    "one frame an attempt": service(users_a_day, frame_cost, frames=1),
    "a tenth of the wait": service(users_a_day, frame_cost, wait=target_wait / 10),
    "constant service times": service(users_a_day, frame_cost, variability=0),
    "no limit on utilisation": service(users_a_day, frame_cost, limit=1),
    "a network at half the cost": service(users_a_day, frame_cost - step_cost["network"] / 2),
    "a network at no cost": service(users_a_day, frame_cost - step_cost["network"]),
    DEARER: service(users_a_day, frame_cost + 9 * step_cost["network"]),
    ELSEWHERE: service(users_a_day, frame_cost - step_cost["find the face"]),
}
table(
    pd.DataFrame(
        {
            "assumption": list(changes),
            "servers": [queue.servers for queue in changes.values()],
            "against the first row": [f"{queue.servers / base.servers:.2f}×" for queue in changes.values()],
        }
    ),
    name="tab-assumptions",
    caption=f"Servers for {millions(users_a_day)} users a day when one assumption changes.",
    evidence="stand-in",
)
glue("free-network", f"{changes['a network at no cost'].servers / base.servers:.2f}", display=False)
glue("dearer", f"{changes[DEARER].servers / base.servers:.1f}", display=False)
glue("device", f"{changes[ELSEWHERE].servers / base.servers:.2f}", display=False)

# %% [markdown]
# A network at no cost at all would leave {glue:text}`free-network` of the servers, and one that costs ten times as much would take {glue:text}`dearer` times as many; finding
# the face elsewhere leaves {glue:text}`device`. The assumptions about use weigh as much as the code, and no publication can know them; that is why they are
# parameters.
#
# ## In proportion, or not?
#
# "Without a proportional increase" can mean two things.
#
# - **The work** is in proportion to the users: ten times the attempts are ten times the load, whatever the network. A lighter network makes
#   the line less steep and does not bend it.
# - **The servers** are the load and a reserve against chance, and the reserve grows far more slowly than the load: in the list above, ten times the load
#   never needs ten times the servers. In this sense "{claim}`s.6.2.4.proportional`" holds. It holds for every network, light or heavy.
#
# {numref}`fig-servers` shows both. The lines bend at the left, where a small service must keep a reserve. At the right
# the limit on utilisation decides, and servers grow in proportion.

# %% tags=["hide-input"]
fig, panel = plt.subplots(figsize=(plots.WIDTH, 3.4))
crowd = np.logspace(4, 9, 201)
for label, cost, colour in (
    ("all four steps", frame_cost, plots.PALETTE[1]),
    ("network alone", step_cost["network"], plots.PALETTE[0]),
):
    queues = [service(users, cost) for users in crowd]
    panel.plot(crowd, [queue.servers for queue in queues], color=colour, label=label)
    panel.plot(crowd, [queue.load for queue in queues], color=colour, linestyle=":", linewidth=1.2)
panel.plot([], [], color="#6b7280", linestyle=":", linewidth=1.2, label="load, in proportion to the users")
panel.axvline(users_a_day, color="#6b7280", linestyle="--", linewidth=1)
panel.set(
    xscale="log",
    yscale="log",
    xlim=(crowd[0], crowd[-1]),
    ylim=(0.3, None),
    xlabel="users a day",
    ylabel="servers",
)
panel.legend(loc="upper left")
figure(
    fig,
    name="fig-servers",
    caption=f"Servers by users a day, with the page's parameters. Dotted: the load, below which no service can keep up. Dashed: {millions(users_a_day)} users.",
    alt="Two lines on logarithmic axes from ten thousand to a thousand million users. Each begins nearly flat, at few servers, and then runs parallel to its "
    "dotted straight line of the load. The line of all four steps lies above that of the network alone.",
    evidence="stand-in",
)

# %% [markdown]
# ## What else grows with the users
#
# Errors do. {numref}`tab-errors` takes the fused model's rate of rejected bona fide images from the authors' counts and asks how many people a day that would be, if
# all of today's {glue:text}`users` users were bona fide and resembled the images of one of the test sets. Each image counts as one attempt, as Table 4 counts.

# %% tags=["hide-input"]
paper = tables.load()
BONA_FIDE = exact.CLASSES[0]


def people_a_day(share: float) -> str:
    """Return a share of the users as a number of people, to two significant digits."""
    return f"{float(f'{share * users_a_day:.2g}'):,.0f}"


rows = []
for test in DATABASES:
    matrix = paper.counts["fused", test]
    low, high = exact.interval(matrix, BONA_FIDE, "frr")
    rows.append(
        {
            "resembling": NAMES[test],
            "bona fide rejected": f"{matrix.bonafide_as_attack} of {matrix.bonafide}",
            "people turned away": people_a_day(matrix.bonafide_as_attack / matrix.bonafide),
            "interval": f"{people_a_day(low)} to {people_a_day(high)}",
            "attempts until accepted": f"{matrix.bonafide / matrix.bonafide_as_bonafide:.2f}",
        }
    )
table(
    pd.DataFrame(rows),
    name="tab-errors",
    caption="The fused model's rejections at scale, each user's first attempt. Intervals at 95 %, frames taken as independent, so the true ones are wider. Attempts: their mean, if "
    "everybody tries again until accepted and each attempt is as good as the first.",
    evidence="recomputed",
)
clean = [test for test in DATABASES if not paper.counts["fused", test].bonafide_as_attack]
glue("errors-sets", len(DATABASES), display=False)
glue("errors-clean", len(clean), display=False)

# %% [markdown]
# On {glue:text}`errors-clean` of the {glue:text}`errors-sets` test sets no bona fide image was rejected, and yet the interval leaves room for many people a day: a test of a few hundred
# images cannot see what a service of millions will meet. And rejections feed back into the load, since people try again; the parameter
# `attempts_a_user` is where this enters. How many attacks a day there will be, nobody knows beforehand; the fused model's share of accepted ones is in {doc}`/notebooks/05_0_table4`.
#
# ## What stays open
#
# - **Continuous learning** is a proposal: the paper describes no mechanism that updates a trained model, and reports no experiment with one. Each
#   update would change scores and threshold, so each would need a test of its own, on data that no update has seen. An attacker who can reach such data could also teach the model.
# - **The cloud** can add servers, for this service as for any other. The queue above is one in its steady state: how fast servers
#   are added when a crowd comes within a minute, failures, and the network between user and server are not in it.
# - **Batches** of crops usually cost less a crop than single ones, above all on an accelerator. That would cheapen the network and not the search for the face.
#
# ## Summary
#
# - Section 6.2.4 predicts without numbers. With assumptions spelt out, its conclusion is plausible: about {glue:text}`servers` threads for {glue:text}`users` users a day.
# - The network is {glue:text}`network-share` of a frame's cost here; its few operations decide little about the bill.
# - Work grows in proportion to the users. Servers grow a little less than that, because chance evens out in a crowd and not because of the architecture.
# - What does not scale by adding servers is accuracy: rates that look small are many people a day.
#
# **To try:** set `users_a_day` to that of a service you know, `frames_an_attempt` to 1 and to 30, and find the `peak_factor` at
# which {numref}`tab-servers` doubles. Exchange `detected_face` for a detector of your own and see which step is the dearest then.
#
# **Read next:** {doc}`/notebooks/06_3_audit` for what else the paper's numbers say, or {doc}`/book/claims` for all of its claims.
