# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises to part 1: the question
#
# Words, and some arithmetic of systems and pictures. A cell that begins with `# YOUR CODE HERE` is yours; the cell
# below it says whether your answer is right, and if it is not, where to look.

# %%
import math

from attacknet.exercises import question

# %% [markdown]
# ## 1 a: What is an attack?
#
# *Trains: the terms of ISO/IEC 30107.*
#
# To a detector of presentation attacks, what is each of these? Answer with a list `kinds` of seven words, each
# `"attack"`, `"bona fide"` or `"neither"`.
#
# 1. A customer holds her own passport photograph before the camera.
# 2. A man with a fresh plaster on his cheek looks into the camera.
# 3. A generated video is fed to the software in place of the camera.
# 4. A burglar who is on a list of wanted people wears a silicone mask of nobody in particular.
# 5. A stranger tries his own face at his neighbour's door.
# 6. Somebody alters the stored reference in the database.
# 7. A child shows a telephone with a video of its father.

# %%
# BEGIN SOLUTION
kinds = ["attack", "bona fide", "neither", "attack", "bona fide", "neither", "attack"]
# END SOLUTION

# %% tags=["check"]
question.check_scenes(kinds)

# %% [markdown] tags=["solution"]
# What counts is what happens at the sensor, not the intention in general. The customer with the passport photograph
# means no harm, but interferes with what the system is there to do. The stranger with his own face uses the sensor as
# intended; to refuse him is the task of the comparison, not of this detector. The mask of nobody hides somebody,
# which is an aim of attacks as well. A video fed in behind the camera and an altered reference are attacks on the
# system at other points.

# %% [markdown]
# ## 1 b: Two locks on a door
#
# *Trains: what a detector contributes to a system.*
#
# A door opens if the detector accepts the presentation *and* the comparison finds the right person. Masks of a
# customer pass the detector with the chance 0.2 (its APCER for that species), and the comparison takes them for the
# customer with the chance 0.9. The customer herself is refused by the detector with the chance 0.03 (BPCER), by the
# comparison with the chance 0.02. Take the two decisions as independent. What is the attacker's chance to be let in,
# and the customer's to be kept out?

# %%
# BEGIN SOLUTION
let_in = 0.2 * 0.9
kept_out = 1 - (1 - 0.03) * (1 - 0.02)
# END SOLUTION

# %% tags=["check"]
question.check_system(let_in, kept_out, apcer=0.2, bpcer=0.03, matched=0.9, not_matched=0.02)

# %% [markdown] tags=["solution"]
# The detector takes away most of the attacker's chance and adds to the customer's trouble; both must be told, for the
# same threshold. Real decisions are not independent: a poor print fails twice for one reason. The standard therefore
# has a rate for the whole system, too. This book, like the paper, measures the detector by itself.

# %% [markdown]
# ## 1 c: What a small crop can show
#
# *Trains: holding a claim against the pixels.*
#
# A face of 150 mm fills a crop of 32 pixels a side. How long, in millimetres on the face, is the shortest wave (one
# light and one dark half) that the crop can hold? And how many pixels a side would a crop need at least to hold the
# dots of a coarse print, which are 0.5 mm apart?

# %%
# BEGIN SOLUTION
coarsest = 2 * 150 / 32
needed = math.ceil(2 * 150 / 0.5)
# END SOLUTION

# %% tags=["check"]
question.check_pixels(coarsest, needed, face=150, dots=0.5, side=32)

# %% [markdown] tags=["solution"]
# A picture holds no wave shorter than two of its pixels (the sampling theorem). Dots of a print, pores and the pixels
# of a screen are not in a crop of this size; what is called texture there is the shading of larger patches.
# {doc}`/notebooks/05_4_attention` comes back to this when maps are said to show the texture of skin.
