# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3.1 Architecture
#
# *Section 3.1 of the paper {cite:p}`kuznetsov2024attacknet`: the network, drawn from the network itself, and one face
# sent through it.*
#
# After this chapter you can
#
# - read AttackNet's layers, say what each one costs and how much of the face it sees;
# - work out an input size that a paper does not state from the numbers that it prints;
# - tell apart a network's description and the network that was released, layer by layer;
# - say what a preprocessing contract is, and show that breaking it changes a decision while nothing looks wrong.
#
# The chapter presumes that you know what a convolution, a gradient and a softmax are. No licensed data is needed: the only
# face below is a public-domain portrait.

# %% tags=["parameters"]
input_size: int = 32  # height and width of the network's input, in pixels
weights: str = "csmad"  # released weights whose feature maps are shown: 3dmad, csmad or fused
crop_margin: float = 0.3  # margin of the loose crop on each side, as a share of the face box

# %% tags=["hide-input"]
import logging
import os
import warnings
from dataclasses import replace

# One order of additions, whatever the processor offers, and none of the libraries' greetings.
os.environ |= {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
warnings.filterwarnings("ignore", message="IProgress not found")

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import skimage
from myst_nb import glue

from attacknet import complexity, diagram, display, graph, model, plots, released
from attacknet.errors import AttackNetError
from attacknet.paper import ledger
from attacknet.preprocessing import Box, Preprocessing

logging.getLogger("tensorflow").setLevel("ERROR")
plots.use_style()

# %% [markdown]
# ## Three equations
#
# The paper writes down three of its parts. The activation is the leaky rectifier {cite:p}`maas2013rectifier`,
#
# ```{math}
# :label: eq-leaky-relu
# h(x; \alpha) = \max\{x, \alpha x\}, \qquad \alpha < 1,
# ```
#
# whose derivative never vanishes for $\alpha \neq 0$,
#
# ```{math}
# :label: eq-leaky-relu-derivative
# \frac{\mathrm{d}h(x; \alpha)}{\mathrm{d}x} = \begin{cases} 1, & x > 0, \\ \alpha, & x \le 0, \end{cases}
# ```
#
# and the last layer turns the numbers $z_1, \dots, z_C$ into a probability for each class $c$ by the softmax,
#
# ```{math}
# :label: eq-softmax
# \mathcal{S}(\mathbf{z})_c = \frac{\exp z_c}{\sum_{c'=1}^{C} \exp z_{c'}}.
# ```
#
# These are the paper's equations (1) to (3). Two remarks help when reading {numref}`fig-equations`. The derivative in
# {eq}`eq-leaky-relu-derivative` does not exist at $x = 0$; giving it the value $\alpha$ there is a convention that never
# matters in practice. And for two classes, {eq}`eq-softmax` depends on the difference of the two inputs alone: it is the
# logistic function of $z_1 - z_2$. A softmax over two classes therefore holds one number, and that number is this book's
# **score**: the output for bona fide.

# %%
slope = model.VARIANTS["released"].leak


def leaky_relu(x, alpha):
    """Equation (1)."""
    return np.maximum(x, alpha * x)


def softmax(z):
    """Equation (3), over the last axis."""
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


# %% tags=["hide-input"]
x = np.linspace(-3, 3, 601)
z = np.stack([x, np.zeros_like(x)], axis=-1)

fig, (left, middle, right) = plt.subplots(1, 3, figsize=(plots.WIDTH, 2.5))
for alpha, style, colour in ((slope, "-", plots.PALETTE[0]), (0.0, "--", plots.PALETTE[1])):
    left.plot(x, leaky_relu(x, alpha), style, label=rf"$\alpha = {alpha:g}$")
    for half, value in ((x[x > 0], 1), (x[x <= 0], alpha)):
        middle.plot(half, np.full_like(half, value), style, color=colour)
left.set(title="(1) activation", xlabel="$x$", ylabel=r"$h(x; \alpha)$")
left.legend(loc="upper left")
middle.set(title="(2) its derivative", xlabel="$x$", ylim=(-0.05, 1.1))
for column, name, colour in ((0, "bona fide", plots.BONA_FIDE), (1, "attack", plots.ATTACK)):
    right.plot(x, softmax(z)[:, column], color=colour, label=name)
right.set(title="(3) softmax of two", xlabel="$z_1 - z_2$", ylim=(-0.03, 1.03))
right.legend(loc="center left", handlelength=1, borderaxespad=0.2)
display.figure(
    fig,
    name="fig-equations",
    caption=f"The paper's equations (1) to (3). The paper does not print $\\alpha$; the released models have {slope:g}, "
    "and with $\\alpha = 0$ (dashed) the activation is the plain rectifier, which passes no gradient for negative inputs.",
    alt="Three curves: the leaky rectifier with a kink at zero, its derivative with a step at zero, and the two outputs "
    "of a two-class softmax crossing at one half.",
    evidence="recomputed",
)

# %% [markdown]
# The layers of the network compute these equations, up to the rounding of 32-bit numbers:

# %% tags=["nbval-check-output"]
sample = np.random.default_rng(0).normal(size=(1000, 2)).astype(np.float32)
by_layer = keras.layers.LeakyReLU(negative_slope=slope)(sample), keras.layers.Softmax()(sample)
by_equation = leaky_relu(sample, slope), softmax(sample)
for name, ours, theirs in zip(("LeakyReLU", "softmax"), by_equation, by_layer, strict=True):
    print(f"{name}: layer as equation: {np.allclose(ours, theirs, atol=1e-6)}")

# %% [markdown]
# ## The network
#
# {numref}`fig-network` is drawn by walking the graph of the network that this chapter has built. Two convolutional
# phases of three 3×3 convolutions each, with a **skip connection** from the first convolution of a phase to its end
# {cite:p}`he2016residual`, batch normalisation {cite:p}`ioffe2015batch`, max pooling and dropout
# {cite:p}`srivastava2014dropout`; then a dense layer with a tanh, and the softmax over bona fide and attack. The second
# phase has twice as many filters.

# %%
network = model.build("released", (input_size, input_size, 3))
# %% tags=["hide-input"]
display.figure(
    diagram.draw(network),
    name="fig-network",
    caption=f"AttackNet as it was released, for inputs of {input_size}×{input_size} pixels. Boxes are layers in the order of "
    "the data; small print gives height×width×channels where they change. The skip leaves the first convolution *before* "
    "its activation.",
    alt="Block diagram in three rows: the first phase with sixteen filters, the second with thirty-two, each with a skip "
    "arc from its first convolution to an addition, and the dense head.",
    evidence="recomputed",
)

# %% [markdown]
# {numref}`tab-layers` lists the same layers with what they cost. One **multiply-accumulate** (MAC) multiplies a weight
# with an input and adds the product to a sum. A convolution does one for every output value and every element of its
# kernel; a dense layer one for every weight. Each MAC is two floating point operations, so FLOPs = 2 × MACs. What is
# left out of this count (biases, normalisation, activations, pooling) returns below. The column *sees* is the subject
# of the next section.

# %%
costs = complexity.profile(network)
sight = graph.receptive_field(network)
# %% tags=["hide-input", "nbval-check-output"]
layer_table = pd.DataFrame(
    {
        "layer": costs["layer"].str.replace("_", " "),
        "what it does": [graph.kind(layer) for layer in network.layers],
        "output": ["×".join(map(str, shape)) for shape in costs["output_shape"]],
        "parameters": costs["parameters"],
        "MACs": costs["macs"],
        "sees (pixels)": sight["field"],
    }
)
totals = costs.attrs
display.table(
    layer_table,
    name="tab-layers",
    caption=f"Every layer of the released network at {input_size}×{input_size}: {totals['parameters']:,} parameters, "
    f"{totals['macs']:,} MACs, {totals['flops']:,} FLOPs in all.",
    evidence="recomputed",
    formats={"parameters": ",d", "MACs": ",d"},
)

is_dense = costs["layer"].isin(["dense", "classifier"])
glue("parameters", f"{totals['parameters']:,}", display=False)
glue("trainable", f"{totals['trainable_parameters']:,}", display=False)
for share, column, decimals in (("dense_parameters", "parameters", 0), ("dense_macs", "macs", 1)):
    glue(share, display.percent(costs.loc[is_dense, column].sum() / totals[column], decimals), display=False)

# %% [markdown]
# The network has {glue:text}`parameters` parameters, of which {glue:text}`trainable` are trained; the rest are the
# running means and variances of batch normalisation. Parameters and work sit in different places: the dense layers hold
# {glue:text}`dense_parameters` of the parameters and do {glue:text}`dense_macs` of the multiplications. Whoever wants
# a smaller file must shrink the dense layer; whoever wants a faster network, the convolutions.

# %% tags=["nbval-check-output"]
for name in ("parameters", "macs", "flops"):
    print(f"{name:10} {totals[name]:>12,}")

# %% [markdown]
# ## How much of the face a layer sees
#
# The **receptive field** of a value is the part of the input that can change it. It grows from layer to layer: if a
# layer's input sees $r$ pixels a side and its neighbouring values lie $j$ pixels apart, a kernel of side $k$ sees
#
# ```{math}
# r' = r + (k - 1)\, j, \qquad j' = s\, j,
# ```
#
# where $s$ is the stride. The detail by which a print or a screen gives itself away (dots, pixel grids, moiré) is fine,
# so it must be caught by the small fields of the first phase; whether a mask's eye holes look right is a matter for the
# larger ones.

# %%
portrait = skimage.data.astronaut()
detector = skimage.feature.Cascade(skimage.data.lbp_frontal_face_cascade_filename())
found = detector.detect_multi_scale(
    portrait, scale_factor=1.1, step_ratio=1, min_size=(60, 60), max_size=(200, 200)
)
(face,) = found
box = Box(face["r"], face["c"], face["height"], face["width"])
crop = Preprocessing(size=(input_size, input_size)).apply(portrait, box)[0]

# %% tags=["hide-input"]
convolutions = sight[sight["layer"].str.contains("conv")]
fig, axes = plt.subplots(1, 2, figsize=(plots.WIDTH, 2.7))
for ax, phase in zip(axes, ("phase1", "phase2"), strict=True):
    ax.imshow(crop, extent=(0, input_size, input_size, 0), alpha=0.75)
    ax.set(title=f"phase {phase[-1]}", xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    rows = convolutions[convolutions["layer"].str.startswith(phase)]
    squares = [
        plt.Rectangle(((input_size - side) / 2,) * 2, side, side, fill=False, edgecolor=colour, linewidth=2,
                      label=f"conv {number}: {side}")
        for number, (side, colour) in enumerate(zip(rows["field"], ("black", plots.PALETTE[1], plots.PALETTE[0]), strict=True), start=1)
    ]  # fmt: skip
    for square in squares:
        ax.add_patch(square)
    ax.legend(handles=squares, loc="upper left", bbox_to_anchor=(1, 1), title="sees, pixels")
last = sight.loc[sight["layer"] == "phase2_dropout", ["field", "jump"]].iloc[0]
display.figure(
    fig,
    name="fig-receptive-field",
    caption=f"What one value in the middle of each convolution sees, on a face of {input_size}×{input_size} pixels. "
    f"Behind the second pooling a value sees {last['field']} pixels a side and has its neighbours {last['jump']} pixels "
    "away; only the dense layer sees the whole face. Portrait: NASA, Eileen Collins, public domain, from scikit-image.",
    alt="The same small face twice with three nested squares each, small ones for the first phase and larger ones for the "
    "second.",
    evidence="recomputed",
)

# %% [markdown]
# ## The input that the paper does not state
#
# The paper prints neither the size of the input nor the number of parameters to the last digit. Its Table 1 prints two
# rounded figures: {claim}`t1.attacknet.parameters` million parameters and {claim}`t1.attacknet.mflops` *MFLOPs*. The sign
# beside a number of the paper is a verdict and leads to its reasons ({ref}`verdicts`). Both figures depend on the input
# size $n$: the convolutions cost $\mathcal{O}(n^2)$ operations, and the dense layer reads $(n/4)^2 \cdot 32$ values. They also depend on how the skip rejoins
# its phase: adding leaves the number of channels as it is, concatenating doubles it. So the two printed figures are two
# equations for two unknowns, and can be solved by trying: {numref}`fig-sweep` builds the network for every second input size and
# every kind of skip.

# %%
claims = ledger.load()
operations, size = claims["t1.attacknet.mflops"], claims["t1.attacknet.parameters"]
printed_mflops, printed_parameters = float(operations.claim.printed), float(size.claim.printed)
SKIPS = {"add": "added", "concatenate": "concatenated", "none": "no skip"}


def cost_at(side, skip):
    design = replace(model.VARIANTS["released"], skip=skip)
    counted = complexity.profile(model.assemble(design, (side, side, 3))).attrs
    return {"skip": skip, "side": side, "parameters": counted["parameters"], "macs": counted["macs"]}


sizes = sorted({*range(16, 65, 2), input_size})
sweep = pd.DataFrame([cost_at(side, skip) for side in sizes for skip in SKIPS])
sweep["flops"] = 2 * sweep["macs"]

# What rounds to the printed digit; and, for operations, one per cent for what a count may include.
rounds_to_printed = (sweep["parameters"] / 1e6).round(1) == printed_parameters
near = {unit: (sweep[unit] / 1e6 / printed_mflops - 1).abs() < 0.01 for unit in ("flops", "macs")}

# %% tags=["hide-input"]
fig, (left, right) = plt.subplots(1, 2, figsize=(plots.WIDTH, 3.0))
left.axhspan(printed_parameters - 0.05, printed_parameters + 0.05, color="#e5e7eb", zorder=0)
right.axhline(printed_mflops, color="#6b7280", linewidth=1.2, zorder=0)
LINES = {
    "add": {"linewidth": 3.5, "alpha": 0.6},
    "concatenate": {"linestyle": "--"},
    "none": {"linestyle": ":", "color": "black"},
}
for skip, label in SKIPS.items():
    rows = sweep[sweep["skip"] == skip]
    left.plot(rows["side"], rows["parameters"] / 1e6, label=label, **LINES[skip])
    right.plot(rows["side"], rows["flops"] / 1e6, label=label, **LINES[skip])
both = sweep[rounds_to_printed & near["flops"] & (sweep["skip"] == "add")]
left.plot(both["side"], both["parameters"] / 1e6, "o", color="black", markersize=6, zorder=4)
right.plot(both["side"], both["flops"] / 1e6, "o", color="black", markersize=6, zorder=4)
left.set(title="parameters, millions", xlabel="input size, pixels", ylim=(0, 1.2), xlim=(16, 64))
left.annotate(
    f"printed: {size.claim.printed} {size.status.sign}",
    (63, printed_parameters),
    ha="right",
    va="center",
    fontsize=8.5,
)
right.set(title="2 × MACs, millions", xlabel="input size, pixels", ylim=(0, 80), xlim=(16, 64))
right.annotate(
    f"printed: {operations.claim.printed} {operations.status.sign}",
    (63, printed_mflops - 1),
    ha="right",
    va="top",
    fontsize=8.5,
)
left.legend(title="skip", loc="upper left")
display.figure(
    fig,
    name="fig-sweep",
    caption="Parameters and operations against the size of the input, for three kinds of skip. Grey: what the paper "
    f"prints (parameters: all values that round to it). Dot: additive skip and {'/'.join(map(str, both['side']))} pixels, where both agree. "
    "Adding costs no multiplication and, with the normalisation behind it, a few hundred parameters: that curve hides under the one without a skip.",
    alt="Rising curves over input size, for parameters and for operations; the additive network passes through both printed values at the same "
    "size, the concatenated one does not.",
    evidence="recomputed",
)

# %% tags=["hide-input", "nbval-check-output"]
matches = sweep[rounds_to_printed & (near["flops"] | near["macs"])]
solutions = pd.DataFrame(
    {
        "skip": matches["skip"].map(SKIPS),
        "input": [f"{side}×{side}" for side in matches["side"]],
        "parameters": matches["parameters"],
        "MACs": matches["macs"],
        "2 × MACs": matches["flops"],
    }
)
display.table(
    solutions,
    name="tab-solutions",
    caption="All networks of the sweep with a parameter count that rounds to the printed one, and an operation count, in MACs "
    "or in 2 × MACs, within 1 % of the printed one.",
    evidence="recomputed",
    formats=dict.fromkeys(("parameters", "MACs", "2 × MACs"), ",d"),
)

# %% [markdown]
# Two answers remain in {numref}`tab-solutions`, and they differ only in having a skip at all. Section 3.1.1 says that
# the outputs are added, so the solution is 32×32 pixels with additive skips, and the released models confirm it: their
# configuration asks for 32×32×3. The unit is settled as well: no network of the sweep fits if *MFLOPs* means MACs, so
# for AttackNet the paper counted two operations for each multiply-accumulate. That matters in the next chapter, where
# the same column holds the numbers of other networks. Section 3.2 once gives the parameters as {claim}`s3.2.parameters` k;
# the sweep shows that the *k* is a slip for an *M*.
#
# The last digit is worth a look too. Which operations must one count to print what the paper printed?

# %%
nodes = complexity.profiler_counts(model.build("released"))
# %% tags=["hide-input", "nbval-check-output"]
counted_so_far = pd.Series(
    {
        "convolutions and dense layers": nodes["Conv2D"] + nodes["MatMul"],
        "… and the additions of biases": nodes["Conv2D"] + nodes["MatMul"] + nodes["BiasAdd"],
        "… and max pooling": nodes["Conv2D"] + nodes["MatMul"] + nodes["BiasAdd"] + nodes["MaxPool"],
        "all that TensorFlow's profiler counts": nodes.sum(),
    }
)
display.table(
    pd.DataFrame(
        {
            "counted": counted_so_far.index,
            "operations": counted_so_far.to_numpy(),
            "in millions": (counted_so_far / 1e6).round(1).to_numpy(),
            "as printed": [
                "✓" if value == printed_mflops else "✗" for value in (counted_so_far / 1e6).round(1)
            ],
        }
    ),
    name="tab-conventions",
    caption="Floating point operations of one inference at 32×32, counted by TensorFlow's profiler, against the printed "
    "number of millions.",
    evidence={"operations": "recomputed", "in millions": "recomputed"},
    formats={"operations": ",d"},
)

# %% [markdown]
# With the biases the printed digits appear. The differences are small, and this book stays with the first row, the
# convention of the MobileNet and ShuffleNet papers; the point is that a count without its convention cannot be
# compared in its third digit.
#
# ## The text and the released models
#
# Section 3.4 says that batch normalisation is used "after each convolutional layer", and section 3.1.2 that the second
# phase echoes the first. {numref}`fig-text` draws the network that follows from the text, with those layers hollow
# that the released models do not have; {numref}`tab-text` is the same comparison by name.

# %%
side = (32, 32, 3)
networks = {
    "the text": model.build("attacknet", side),
    "CSMAD and fused": model.build("released", side),
    "3DMAD": model.assemble(replace(model.VARIANTS["released"], dense_normalised=False), side),
}
# %% tags=["hide-input"]
layers_of = {name: {layer.name for layer in net.layers} for name, net in networks.items()}
everywhere = set.intersection(*layers_of.values())
display.figure(
    diagram.draw(networks["the text"], absent=layers_of["the text"] - layers_of["CSMAD and fused"]),
    name="fig-text",
    caption="AttackNet as the text describes it. Hollow, dashed boxes: layers of the text that no released model has. "
    "Where the text is silent, the released models were followed.",
    alt="The block diagram of the network with five hollow boxes: four batch normalisations and one activation in the "
    "middle of the second phase.",
    evidence="recomputed",
)

in_order = [layer for layer in networks["the text"].layers if layer.name not in everywhere]
differences = pd.DataFrame(
    {
        "layer": [layer.name.replace("_", " ") for layer in in_order],
        "what it does": [graph.kind(layer) for layer in in_order],
        **{
            name: ["✓" if layer.name in names else "✗" for layer in in_order]
            for name, names in layers_of.items()
        },
    }
)
counts = {name: net.count_params() for name, net in networks.items()}
summary = {
    "layer": "**all parameters**",
    "what it does": "",
    **{name: f"{n:,}" for name, n in counts.items()},
}
display.table(
    pd.concat([differences, pd.DataFrame([summary])]),
    name="tab-text",
    caption="Layers that are in one network and not in another: the text, the released Keras files, and the older file of "
    "the 3DMAD model. All other layers are the same in all three.",
    evidence="recomputed",
)
glue("n_differences", len(differences), display=False)

# %% [markdown]
# The {glue:text}`n_differences:d` differences are of three kinds.
#
# - **Normalisations.** Released models normalise behind the first convolution and behind the addition of a phase, not
#   behind each convolution. At inference a normalisation is a fixed scaling and shift of each channel; what it is for is training.
# - **A missing activation.** In the second phase nothing stands between the second and the third convolution. Two convolutions
#   in a row are one linear map, so one of the network's six convolutions adds no non-linearity. The notebooks of
#   the earlier work {cite:p}`kuznetsov2022liveliness` already have it so, in versions 2.1 and 2.2, but not in version 1.
# - **The dense layer's normalisation** is absent in the 3DMAD file. It is the oldest of the three, and the notebooks of
#   2022 have that line commented out. So Table 4 of the paper may compare networks that are not quite the same.
#
# On other points the text is silent and the released models decide: the slope of the activation, that each phase ends with
# max pooling and dropout of 0.25, that the skip starts before the activation, and that what was added is normalised.
# `attacknet.model.build` offers the text's reading as `attacknet`, the released one as `released`, and the
# earlier versions as `attacknet_v1`, `attacknet_v2_1` and `livenessnet` {cite:p}`rosebrock2019liveness`.
#
# ## One face, sent through
#
# Three trained models are public {cite:p}`zakharov2023code`. Each expects its pictures in a certain form, its
# **preprocessing contract**: how the face is cut out, to what size it is brought, in which order the colour channels
# come, and how pixels are scaled. The paper does not state it; the released loaders do, and
# `data_manifest/released_weights.yaml` writes it down.

# %%
files = {name: released.path_or_notice(name) for name in released.release().weights}
nets = {name: model.load_released(path) for name, path in files.items() if path}
# %% tags=["hide-input"]
labels = {name: released.weights(name).trained_on.split(",")[0] for name in files} | {"fused": "fused"}

if nets:
    display.table(
        pd.DataFrame(
            {
                "trained on": [labels[name] for name in nets],
                "file": [f"`{files[name].name}`" for name in nets],
                "parameters": [net.count_params() for net in nets.values()],
                "channels": [net.preprocessing.channel_order for net in nets.values()],
                "pixels": [net.preprocessing.scaling.replace("_", " ") for net in nets.values()],
                "margin": [net.preprocessing.crop_margin for net in nets.values()],
            }
        ),
        name="tab-contracts",
        caption="The released models and their contracts. The fused model was trained on a mixture: the maximum for three of "
        "its databases, 255 for two; the contract names the more frequent. All read 32×32 pixels.",
        evidence="recomputed",
        formats={"parameters": ",d", "margin": "g"},
    )

# %% [markdown]
# *BGR* is how OpenCV reads pictures, and the authors' code keeps it. The names of the scalings mean what they say: one
# divides by 255, the other by the picture's own brightest value.
#
# The picture is the portrait of Eileen Collins in scikit-image {cite:p}`vanderwalt2014skimage`. The authors found
# faces with OpenCV's SSD detector; here scikit-image's cascade finds the box, so that the chapter runs
# anywhere. {numref}`fig-contract` shows the box, what the network ought to see, and three ways of getting it wrong.

# %% tags=["hide-input"]
as_trained = Preprocessing(channel_order="BGR")
loose = replace(as_trained, crop_margin=crop_margin)
seen = {
    "tight, BGR": as_trained.apply(portrait, box)[0],
    "RGB for BGR": replace(as_trained, channel_order="RGB").apply(portrait, box)[0],
    f"margin {crop_margin:g}": loose.apply(portrait, box)[0],
    "÷ maximum": replace(as_trained, scaling="divide_by_maximum").apply(portrait, box)[0],
}
fig, axes = plt.subplots(1, 5, figsize=(plots.WIDTH, 1.75))
axes[0].imshow(portrait[:300, 60:360])
axes[0].add_patch(
    plt.Rectangle((box.column - 60, box.row), box.width, box.height, fill=False, edgecolor="white")
)
pad = crop_margin * box.width
axes[0].add_patch(plt.Rectangle((box.column - 60 - pad, box.row - pad), box.width + 2 * pad, box.height + 2 * pad,
                                fill=False, edgecolor="#F0E442", linestyle="--"))  # fmt: skip
axes[0].set_title("the face box", fontsize=9)
for ax, (title, picture) in zip(axes[1:], seen.items(), strict=True):
    # The network reads channel 0 first, whatever it stands for; it is shown here as red.
    ax.imshow(picture)
    ax.set_title(title, fontsize=9)
for ax in axes:
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
display.figure(
    fig,
    name="fig-contract",
    caption="Left: the portrait with the detector's box (white) and the loose box (dashed). Then the 32×32 pixels that reach "
    "the network, with its first channel drawn as red, prepared in four ways: the first is right for the 3DMAD and CSMAD "
    "models, the last for the fused one. Blue skin is BGR read as RGB. Portrait: NASA, public domain.",
    alt="A portrait with two boxes around the face, and four small versions of the face: with blue skin, with natural "
    "skin, cut out more widely, and slightly brighter.",
    evidence="recomputed",
)

# %% [markdown]
# A model of this book carries its contract, and scoring a picture that was prepared differently is refused:

# %%
if weights in nets:
    wrong = replace(nets[weights].preprocessing, channel_order="RGB")
    try:
        model.score(nets[weights], wrong.apply(portrait, box), wrong)
    except AttackNetError as refusal:
        print(f"refused: {refusal}")

# %% [markdown]
# To see what the refusal protects from, the next table goes round it and asks the networks all the same. The score is
# the softmax output for bona fide; a face is accepted at 0.5 or more, as the authors do. The portrait is a photograph of
# a living person in front of a camera, so the right answer is *bona fide*.


# %%
def ask(net, contract, where=box):
    """Score without the check, on purpose."""
    return float(net.predict(contract.apply(portrait, where), verbose=0)[0, 0])


broken = {
    "its own contract": {},
    "RGB for BGR": {"channel_order": "RGB"},
    "÷ 255": {"scaling": "divide_by_255"},
    "÷ maximum": {"scaling": "divide_by_maximum"},
    f"margin {crop_margin:g}": {"crop_margin": crop_margin},
}
# %% tags=["hide-input"]
if nets:
    scores = pd.DataFrame(
        {labels[name]: {what: ask(net, replace(net.preprocessing, **change)) for what, change in broken.items()}
         for name, net in nets.items()}
    )  # fmt: skip
    own = scores.loc["its own contract"]
    flips = ((scores >= 0.5) != (own >= 0.5)).sum(axis=1)
    display.table(
        scores.reset_index(names="picture prepared with").assign(**{"decisions changed": flips.to_numpy()}),
        name="tab-broken",
        caption=f"Scores of one portrait, by model (columns) and preprocessing (rows). With their own contracts "
        f"{int((own >= 0.5).sum())} of {len(own)} models accept the face. Largest change of a score by a broken contract: "
        f"{(scores - own).abs().max().max():.2f}.",
        evidence=dict.fromkeys(scores.columns, "recomputed"),
        formats=dict.fromkeys(scores.columns, ".3f"),
    )

# %% tags=["hide-input"]
if nets:
    margins = np.linspace(0, 0.6, 25)
    fig, ax = plt.subplots(figsize=(plots.WIDTH * 0.75, 2.8))
    for (name, net), style in zip(nets.items(), ("-.", "-", "--"), strict=False):
        curve = [ask(net, replace(net.preprocessing, crop_margin=float(margin))) for margin in margins]
        ax.plot(margins, curve, style, label=labels[name])
    ax.axhline(0.5, color="#6b7280", linewidth=1)
    ax.annotate("accepted above", (0.6, 0.51), ha="right", va="bottom", fontsize=8.5, color="#374151")
    ax.set(
        xlabel="margin around the face box, share of its side",
        ylabel="score",
        ylim=(-0.03, 1.03),
        xlim=(0, 0.6),
    )
    ax.legend(loc="upper right", bbox_to_anchor=(1, 0.95))
    display.figure(
        fig,
        name="fig-margin",
        caption="The score of the same face, cut out more and more loosely. Everything but the margin is as each model's "
        "contract says.",
        alt="Score against crop margin for each released model; at least one curve crosses the threshold of one half.",
        evidence="recomputed",
    )

# %% [markdown]
# Read these numbers for what they are. **One picture proves nothing about error rates**: the portrait comes from none
# of the databases, its light and sharpness are a studio's, its box comes from another detector, and one yes or no has no
# interval worth printing. What one picture can show is that an effect exists. Where a row of
# the table differs from the first, the same face in the same network got another answer because of a
# step that the paper does not describe and that no error message reports. Whoever compares PAD models without fixing the
# contract compares contracts. And models of one architecture that disagree about one face under their own contracts
# have learned different questions from different databases, which is what Table 4 of the paper measures at large
# ({doc}`/notebooks/05_0_table4`).
#
# ## What the phases make of it
#
# Feature maps are no explanation, but they show what is left of a face on its way. The figure below follows the
# portrait through one model: the maps with the greatest variance behind the first convolution, behind each
# addition, and behind the last pooling, where 8×8 values a map are all that the dense layer gets.

# %% tags=["hide-input"]
if weights in nets:
    net = nets[weights]
    stages = {
        "phase1_conv1": "first convolution",
        "phase1_skip": "phase 1, added",
        "phase2_skip": "phase 2, added",
        "phase2_pool": "phase 2, pooled",
    }
    tap = keras.Model(net.input, [net.get_layer(name).output for name in stages])
    outputs = tap.predict(net.preprocessing.apply(portrait, box), verbose=0)
    shown = 8
    fig, axes = plt.subplots(len(stages), shown, figsize=(plots.WIDTH, 3.5))
    for row, title, maps in zip(axes, stages.values(), outputs, strict=True):
        strongest = np.argsort(-maps[0].var(axis=(0, 1)), kind="stable")[:shown]
        limit = np.abs(maps[0][..., strongest]).max()
        for ax, channel in zip(row, strongest, strict=True):
            ax.imshow(maps[0][..., channel], cmap="PuOr", vmin=-limit, vmax=limit)
            ax.set(xticks=[], yticks=[])
            ax.grid(visible=False)
            ax.spines[:].set_visible(False)
        row[0].set_ylabel(title, fontsize=8.5, rotation=0, ha="right", va="center")
    display.figure(
        fig,
        name="fig-maps",
        caption=f"Feature maps of the {labels[weights]} model for the portrait: the {shown} channels of greatest variance at "
        "four places. Orange is negative, purple positive, with one scale a row.",
        alt="Four rows of small maps in which the face is recognisable at first and dissolves into coarse blocks towards "
        "the last row.",
        evidence="recomputed",
    )
elif nets:
    print(
        f"Not shown here: feature maps; the released weights are {', '.join(released.release().weights)}, not {weights!r}"
    )

# %% [markdown]
# ## Summary
#
# - AttackNet is two small convolutional phases with additive skips and one dense layer that holds most of the parameters.
# - The printed parameters and operations fix what the text leaves open: 32×32 pixels, and two operations for each
#   multiply-accumulate.
# - The released models differ from the text in their normalisations and lack one activation; one of them lacks a
#   normalisation that the other two have.
# - A preprocessing contract is part of a model. Breaking it can turn a decision, and nothing warns.
#
# **To try:** re-run the chapter with `input_size` 48 and see which numbers of {numref}`tab-layers` change and which cannot;
# or with another `crop_margin`, and find the smallest that turns a decision.
#
# **Read next:** {doc}`/notebooks/03_2_efficiency` puts the cost of this network beside that of others. Why the layers were
# chosen, and how they were trained, is the subject of {doc}`/book/03_3_design_and_training`.
