# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises to part 3: the network
#
# Architecture, cost, design, training and speed. A cell that begins with `# YOUR CODE HERE` is yours; the cell below
# it says whether your answer is right, and if it is not, where to look. No exercise needs TensorFlow or a trained
# network.

# %%
import numpy as np

from attacknet.exercises import network
from attacknet.paper import tables
from attacknet.paper.layers import attacknet_cost
from attacknet.recipes import RECIPES

# %% [markdown]
# ## 3.1 a: Twice the input
#
# *Trains: changing a parameter and reading what follows.*
#
# A customer's camera delivers larger faces, and somebody proposes to feed AttackNet with 64×64 pixels instead of
# 32×32. By what factors do the operations and the parameters grow? Guess first. Then execute chapter 3.1 with another
# parameter, `attacknet book run 03_1_architecture -p input_size 64`, and read the table of its layers in the notebook
# that the command names; or ask `attacknet_cost`.

# %%
attacknet_cost(32)

# %%
# BEGIN SOLUTION
before, after = attacknet_cost(32), attacknet_cost(64)
operations = after.macs / before.macs
parameters = after.parameters / before.parameters
# END SOLUTION

# %% tags=["check"]
network.check_twice_the_input(operations, parameters)

# %% [markdown] tags=["solution"]
# Each convolution does its work at four times as many pixels, and the dense layer reads four times as many values, so
# operations grow by just four, up to the little classifier. The convolutions keep their parameters, but nearly all
# parameters sit in the dense layer, which grows with the picture. That is a property of `Flatten`: a network that
# averages over places before its classifier could take the larger picture without one parameter more.

# %% [markdown]
# ## 3.1 b: How far a value sees
#
# *Trains: the receptive field, from the first layer to the last.*
#
# Can a network of this depth see a whole eye? Write `sees(layers)`, which returns how many pixels a side one value
# behind the last layer depends on. `layers` is a list of pairs (kernel size, stride), in the order of the data; a
# pooling layer is such a pair, too.


# %%
def sees(layers):
    # BEGIN SOLUTION
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field
    # END SOLUTION


# %% tags=["check"]
network.check_sees(sees)

# %% [markdown] tags=["solution"]
# `jump` is how far apart two neighbouring values lie on the picture. It grows with every stride, and all kernels that
# follow reach that much further. So a pooling layer adds little to the field by itself, and much through what comes
# behind it.

# %% [markdown]
# ## 3.1 c: Colours in the wrong order
#
# *Trains: holding data against the preprocessing contract. Planted fault: a wrong pixel order.*
#
# Crops come from several stations. At one of them a library has been exchanged, and since then it delivers BGR where
# the contract says RGB. Nothing crashes: shape and range are right, and the network answers. Which samples are
# concerned? `pictures` holds one crop for each row of `samples`, `(n, 32, 32, 3)`, uint8.

# %%
samples, pictures, check_colours = network.colours()
pictures.shape

# %%
# BEGIN SOLUTION
red, _, blue = np.moveaxis(pictures.astype(float), -1, 0)
redder = (red - blue).mean(axis=(1, 2))
turned = set(samples.loc[redder < 0, "sample"])
# END SOLUTION

# %% tags=["check"]
check_colours(turned)

# %% [markdown] tags=["solution"]
# Skin of every tone reflects more red light than blue, and a print or a screen that shows skin does so as well. The
# mean over a crop is therefore a cheap alarm. The thorough way is to make the fault impossible: in this book a model
# travels with its preprocessing contract, and scoring refuses crops that were made under another one. Note that a
# test on the accuracy may miss the fault for long, as only some of the samples are concerned.

# %% [markdown]
# ## 3.2 a: One word, two numbers
#
# *Trains: telling MACs from FLOPs.*
#
# A data sheet lists the "MFLOPs" of some networks, collected from several sources. Beside them stand the
# multiply-adds that the networks' own papers print, in millions. Say of each row whether the sheet counts `"MACs"` or
# `"FLOPs"`, in a dictionary from network to unit.

# %%
sheet, check_sheet = network.datasheet()
sheet

# %%
# BEGIN SOLUTION
ratio = sheet["MFLOPs on the sheet"] / sheet["MAdds, published"]
units = dict(zip(sheet["network"], np.where(ratio > 1.5, "FLOPs", "MACs"), strict=True))
# END SOLUTION

# %% tags=["check"]
check_sheet(units)

# %% [markdown] tags=["solution"]
# A factor of two is too large for a rounding and too small to be noticed, so units get mixed. Whoever ranks by such a
# column ranks the habits of authors. {doc}`/notebooks/03_2_efficiency` finds three units in the paper's Table 1.

# %% [markdown]
# ## 3.2 b: A network for a megabyte
#
# *Trains: knowing where the parameters sit.*
#
# A door lock has room for `network.MEGABYTE` bytes of weights, four bytes each. AttackNet at 32×32 does not fit.
# Leave the convolutions as they are: how many units may the dense layer have at most? It reads 8·8·32 values, has a
# bias and a batch normalisation (four parameters a unit), and feeds a classifier of two classes. With 128 units the
# network has `attacknet_cost(32).parameters` parameters.

# %%
# BEGIN SOLUTION
a_unit = 8 * 8 * 32 + 1 + 4 + 2
others = attacknet_cost(32).parameters - 128 * a_unit
units = (network.MEGABYTE // 4 - others) // a_unit
# END SOLUTION

# %% tags=["check"]
network.check_units(units)

# %% [markdown] tags=["solution"]
# Each unit costs one weight for each value that it reads, which is far more than all its other parameters. A little
# less pooling before the dense layer would multiply that number; a little more would make room for many units.
# Whether a network with fewer units detects attacks as well is a question for a training, not for arithmetic.

# %% [markdown]
# ## 3.2 c: Why others are cheaper
#
# *Trains: counting multiplications.*
#
# MobileNets replace a full convolution by two steps: a *depthwise* one (one kernel for each input channel, no mixing)
# and a *pointwise* one (a 1×1 convolution that mixes channels). Write `separable(kernel, inputs, outputs)`: the
# multiplications of the two steps over those of the full convolution, at stride 1.


# %%
def separable(kernel, inputs, outputs):
    # BEGIN SOLUTION
    full = kernel**2 * inputs * outputs
    return (kernel**2 * inputs + inputs * outputs) / full
    # END SOLUTION


# %% tags=["check"]
network.check_separable(separable)

# %% [markdown] tags=["solution"]
# The ratio is $1/\text{outputs} + 1/k^2$. With kernels of 3×3 and many channels it comes close to one ninth, and with
# a kernel of 1×1 the two steps cost more than one. AttackNet convolves with full kernels throughout, which is why
# other networks need fewer operations at the same input.

# %% [markdown]
# ## 3.3 a: How far a weight can go
#
# *Trains: reading a recipe as a whole.*
#
# Adam moves a weight by about the learning rate in each step, at most. How far can a weight go in the training of the
# fused model, by the paper's text (`as_written`) and by the released code (`as_run`)? The released notebook has
# `pictures` training pictures. Answer with a dictionary from recipe to distance, if no training stops early; count
# steps an epoch as pictures over batch.

# %%
pictures = tables.load().as_run["images"]["fused"]["training"]
print(RECIPES["as_written"])

# %%
# BEGIN SOLUTION
reach = {}
for name in ("as_written", "as_run"):
    recipe = RECIPES[name]
    reach[name] = recipe.epochs * pictures / recipe.batch * recipe.learning_rate
# END SOLUTION

# %% tags=["check"]
network.check_reach(reach)

# %% [markdown] tags=["solution"]
# More epochs and smaller batches do not make up for the smaller rate: by the code, weights stay close to where they
# were drawn. No single line of the two recipes shows that. Whoever compares recipes should compare such products, and
# whoever reports one should report all of its factors.

# %% [markdown]
# ## 3.3 b: Two layers that are one
#
# *Trains: what an activation is for.*
#
# In the second phase of the released network two convolutions follow each other with nothing between them. In one
# dimension: write `merged(first, second)`, which returns the single kernel, as a list or an array, that does what the
# two kernels do one after the other (away from the border). Layers slide a kernel without turning it round, as
# `np.correlate` does.


# %%
def merged(first, second):
    # BEGIN SOLUTION
    return np.convolve(first, second)
    # END SOLUTION


# %% tags=["check"]
network.check_merged(merged)

# %% [markdown] tags=["solution"]
# Two kernels of three make one of five: the second layer adds reach and parameters, and no function that one layer
# could not compute. A leaky rectifier between them would change that at next to no cost. Whether it was left out on
# purpose or by oversight, nobody but the authors can say.

# %% [markdown]
# ## 3.3 c: A scaling of its own
#
# *Trains: knowing what a network is fed. Planted fault: pictures divided by their own maximum.*
#
# Three stations deliver crops as floats in [0, 1]. Two divide by 255, as the contract says. One divides each picture
# by its brightest value. Which one?

# %%
stations, check_scaling = network.scalings()
{name: (float(one.min()), float(one.max())) for name, one in stations.items()}

# %%
# BEGIN SOLUTION
brightest = {name: one.max(axis=(1, 2, 3)) for name, one in stations.items()}
station = next(name for name, values in brightest.items() if np.allclose(values, 1))
# END SOLUTION

# %% tags=["check"]
check_scaling(station)

# %% [markdown] tags=["solution"]
# The ranges agree, so a test of the range passes. What is lost is the exposure: a dark picture comes out as bright as
# any. A network that is trained on both scalings can use the difference to tell where a picture is from, and if the
# stations do not record the same classes, it will.

# %% [markdown]
# ## 3.4 a: When does it stop?
#
# *Trains: early stopping, to the epoch.*
#
# "Early stopping with a patience of 10" leaves room for two networks: the one of the last epoch and the one of the
# best. Write `stop(losses, patience)`: given the development loss after each epoch, return the number of epochs that
# are run and the number of the epoch (counted from 1) with the best weights among them. Training ends when the loss
# has not fallen below its lowest value for `patience` epochs, or when the list ends. Of equal losses the earlier
# epoch counts.


# %%
def stop(losses, patience):
    # BEGIN SOLUTION
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch + 1, best + 1
    # END SOLUTION


# %% tags=["check"]
network.check_stop(stop)

# %% [markdown] tags=["solution"]
# Between the two epochs lie as many trainings as the patience counts, all of them worse on the development set. The
# paper's text does not say which weights were kept. A reproduction has to, because the choice is part of the recipe;
# and either choice uses up the development set a little, so that no test sample may be in it.

# %% [markdown]
# ## 3.4 b: Patience, in steps
#
# *Trains: what an epoch is worth on a small set.*
#
# A recipe with batches of 64 and a patience of 10 is carried out on 150 pictures. Suppose the loss never falls after
# the first step. How many steps does the patience last? And if the running averages of batch normalisation keep a
# share of 0.99 at each step, what share of their initial values is left after these steps?

# %%
# BEGIN SOLUTION
steps = 10 * int(np.ceil(150 / 64))
share = 0.99**steps
# END SOLUTION

# %% tags=["check"]
network.check_left_over(steps, share, pictures=150, batch=64, patience=10, momentum=0.99)

# %% [markdown] tags=["solution"]
# Most of what the layer normalises by, in use, would still be its arbitrary initial values: the training is stopped
# for a loss that says nothing about the weights. On a set a hundred times as large the same recipe behaves well. A
# recipe in epochs is a recipe only together with a number of pictures ({doc}`/notebooks/03_4_training`).

# %% [markdown]
# ## 3.4 c: Loaders that do not mix
#
# *Trains: looking at what a network is really fed. Planted fault: batches of one class.*
#
# Four loaders deliver the same pictures, half of them bona fide, in batches of 32, and all "shuffle". `labels` holds
# the order of the labels in one epoch of each. In which of them do more than a tenth of the batches hold one class
# alone?

# %%
labels, check_loaders = network.loaders()
{name: order[:40].tolist() for name, order in labels.items()}

# %%
# BEGIN SOLUTION
unmixed = set()
for name, order in labels.items():
    batches = order.reshape(-1, 32)
    pure = batches.min(axis=1) == batches.max(axis=1)
    if pure.mean() > 0.1:
        unmixed.add(name)
# END SOLUTION

# %% tags=["check"]
check_loaders(unmixed)

# %% [markdown] tags=["solution"]
# One of the two shuffles through a buffer that is small against the runs of one class in the list; the other shuffles
# whole videos. Both say "shuffle" in the code, and both make batch normalisation take its statistics from one class
# at a time. The released loaders of the paper do not shuffle between epochs at all; {doc}`/notebooks/03_4_training`
# counts their batches.

# %% [markdown]
# ## 3.5 a: The price of a call
#
# *Trains: taking a latency apart.*
#
# A runtime needs 24 ms for a call with one picture and 40 ms for a call with 257. Suppose a call costs a fixed time,
# and each picture a time of its own. What are the two, in milliseconds? And from how many pictures a call do the
# pictures cost more than the call?

# %%
# BEGIN SOLUTION
a_picture = (40 - 24) / (257 - 1)
a_call = 24 - a_picture
batch = int(a_call // a_picture) + 1
# END SOLUTION

# %% tags=["check"]
network.check_call(a_call, a_picture, batch, times={1: 24.0, 257: 40.0})

# %% [markdown] tags=["solution"]
# A throughput from large batches says what the network costs; a latency at batch 1 says what somebody at a door waits
# for. Neither follows from the other, and "milliseconds an image" may be either. For a small network the fixed price
# of a general-purpose framework is nearly all, so that the runtime may matter more than the architecture
# ({doc}`/notebooks/03_5_speed`).

# %% [markdown]
# ## 3.5 b: The mean, and the one who waits
#
# *Trains: choosing the statistic that answers the question.*
#
# `calls` holds simulated times of single calls, in milliseconds, of four runtimes. The contract says that 99 % of the
# calls must end within 6 ms. Which of the runtimes keep it?

# %%
calls, check_calls = network.call_times()
{name: round(float(times.mean()), 2) for name, times in calls.items()}

# %%
# BEGIN SOLUTION
in_time = {name for name, times in calls.items() if np.quantile(times, 0.99) <= 6}
# END SOLUTION

# %% tags=["check"]
check_calls(in_time)

# %% [markdown] tags=["solution"]
# The runtime with the lowest mean breaks the contract: it is fast nearly always and pauses now and then. The slowest
# one on average keeps it. Report a median for what is usual, a high quantile for who waits, and never a mean alone.

# %% [markdown]
# ## 3.5 c: Eight bits
#
# *Trains: what quantisation does to a number.*
#
# Write `quantised(values)`: an array as it comes back from signed 8-bit numbers. Symmetric quantisation takes the
# largest absolute value for 127, rounds every value to the nearest step (`np.round`), and multiplies the steps back.


# %%
def quantised(values):
    # BEGIN SOLUTION
    step = np.abs(values).max() / 127
    return np.round(values / step) * step
    # END SOLUTION


# %% tags=["check"]
network.check_quantised(quantised)

# %% [markdown] tags=["solution"]
# No value moves by more than half a step, but the step is set by the largest value: a single outlier makes all others
# coarse. That is why int8 networks are calibrated on pictures, layer by layer, and why their decisions near the
# threshold must be counted anew and not assumed.
