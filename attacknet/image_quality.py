"""Image quality as evidence of an attack: what printing and showing do to a picture, in thirty numbers.

A recaptured face is a little blurred and its colours are a little off. Two published lists of features
measure that, and as much of them is taken here as a crop of 32x32 pixels and scikit-image allow:

- J. Galbally, S. Marcel and J. Fierrez, "Image Quality Assessment for Fake Biometric Detection", IEEE
  Transactions on Image Processing 23(2), 2014, table I: 14 of its 25 measures. Thirteen of them compare a
  grey picture with a smoothed copy of itself: a picture that was sharp loses more by it. Left out are those
  of edges, corners, angles and phases, VIF and RRED (they halve the picture several times), and the indices
  that were trained on other pictures or look for JPEG blocks.
- D. Wen, H. Han and A. K. Jain, "Face Spoof Detection With Image Distortion Analysis", IEEE Transactions on
  Information Forensics and Security 10(4), 2015: its 15 chromatic moments, and one of its two measures of
  blur. Left out are specular reflection (it needs an iterative separation), the width of edges, and the
  histogram of frequent colours.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GALBALLY = (
    *("mse", "psnr", "snr", "sc", "md", "ad", "nae", "ramd", "lmse", "nxc"),
    *("gme", "sme", "ssim", "hlfi"),
)
WEN = (
    *(
        f"{channel}_{moment}"
        for moment in ("mean", "deviation", "skewness", "low", "high")
        for channel in "hsv"
    ),
    "blur",
)
NAMES = GALBALLY + WEN

# A flat picture has no contrast and no difference to divide by.
_LEAST = 1e-6
_PIXELS = (1, 2)
_SSIM_WINDOW = 7


def measure(images: np.ndarray) -> Floats:
    """Return the features of pictures.

    Parameters
    ----------
    images
        ``(n, height, width, 3)``, RGB uint8; at least 11x11 pixels.

    Returns
    -------
    numpy.ndarray
        ``(n, len(NAMES))``, in the order of `NAMES`, all finite.
    """
    from skimage.color import rgb2gray  # noqa: PLC0415 - heavy

    grey = 255 * rgb2gray(images)
    return np.column_stack([_against_smoothed(grey), _high_low_index(grey), _chromatic(images), _blur(grey)])


def filtered(function: Callable[..., np.ndarray], border: int, *stacks: np.ndarray) -> np.ndarray:
    """Filter all pictures of a stack at once; keep the pixels whose neighbours are of the same picture.

    The pictures are laid under each other as one tall picture: a call for each would take most of the time.

    Parameters
    ----------
    function
        From one or more pictures ``(height, width)`` to one of the same shape.
    border
        How many pixels away a neighbour may be.
    stacks
        ``(n, height, width)`` each, what the function takes.

    Returns
    -------
    numpy.ndarray
        ``(n, height - 2 * border, width - 2 * border)``.
    """
    shape = stacks[0].shape
    tall = function(*(stack.reshape(-1, shape[2]) for stack in stacks))
    return tall.reshape(shape)[:, border:-border, border:-border]


def _against_smoothed(grey: Floats) -> Floats:
    """Compare each picture, I, with its copy J behind a 3x3 Gaussian of deviation 0.5."""
    from skimage.filters import gaussian, laplace, sobel  # noqa: PLC0415 - heavy

    smoothed = gaussian(grey, sigma=(0, 0.5, 0.5), truncate=2)
    difference = grey - smoothed
    power, squared = _sum(grey**2), _sum(difference**2)
    mse = squared / grey[0].size
    largest = np.sort(np.abs(difference).reshape(len(grey), -1))[:, -10:]
    curvature, lost = (filtered(laplace, 1, stack) for stack in (grey, difference))
    edges, edges_left = (filtered(sobel, 1, stack) for stack in (grey, smoothed))
    spectrum, spectrum_left = (np.abs(np.fft.fft2(stack)) for stack in (grey, smoothed))
    return np.column_stack(
        [
            mse,
            10 * np.log10(255**2 / np.maximum(mse, _LEAST)),
            10 * np.log10(np.maximum(power, _LEAST) / np.maximum(squared, _LEAST)),
            _ratio(power, _sum(smoothed**2)),
            largest[:, -1],
            difference.mean(axis=_PIXELS),
            _ratio(_sum(np.abs(difference)), _sum(grey)),
            largest.mean(axis=1),
            _ratio(_sum(lost**2), _sum(curvature**2)),
            _ratio(_sum(grey * smoothed), power),
            ((edges - edges_left) ** 2).mean(axis=_PIXELS),
            ((spectrum - spectrum_left) ** 2).mean(axis=_PIXELS),
            filtered(_similarity, _SSIM_WINDOW // 2, grey, smoothed).mean(axis=_PIXELS),
        ]
    )


def _similarity(picture: Floats, other: Floats) -> Floats:
    from skimage.metrics import structural_similarity  # noqa: PLC0415 - heavy

    return structural_similarity(picture, other, win_size=_SSIM_WINDOW, data_range=255, full=True)[1]


def _high_low_index(grey: Floats) -> Floats:
    """Return how far the spectrum's magnitudes below and above 0.15 of the sampling rate differ."""
    magnitude = np.abs(np.fft.fft2(grey))
    height, width = grey.shape[1:]
    low = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)) < 0.15
    below, above = magnitude[:, low].sum(axis=1), magnitude[:, ~low].sum(axis=1)
    return _ratio(np.abs(below - above), below + above)


def _chromatic(images: np.ndarray) -> Floats:
    """Return mean, deviation, skewness, and the shares in the lowest and highest tenth, of H, S and V."""
    from skimage.color import rgb2hsv  # noqa: PLC0415 - heavy

    hsv = rgb2hsv(images)
    # Skin's hue lies on both sides of red, where the scale begins anew: half a turn puts it in the middle.
    hsv[..., 0] = (hsv[..., 0] + 0.5) % 1
    mean, deviation = hsv.mean(axis=_PIXELS), hsv.std(axis=_PIXELS)
    centred = hsv - mean[:, None, None]
    third = (centred * centred * centred).mean(axis=_PIXELS)
    skewness = np.where(deviation > _LEAST, third / np.maximum(deviation, _LEAST) ** 3, 0)
    low, high = (hsv < 0.1).mean(axis=_PIXELS), (hsv > 0.9).mean(axis=_PIXELS)
    return np.column_stack([mean, deviation, skewness, low, high])


def _blur(grey: Floats) -> Floats:
    """Return the perceptual blur of Crété-Roffet et al. (2007), as Wen et al. do; flat pictures have 1."""
    from skimage.measure import blur_effect  # noqa: PLC0415 - heavy

    return np.array([blur_effect(one) if np.ptp(one) > _LEAST else 1.0 for one in grey])


def _sum(stack: Floats) -> Floats:
    return stack.sum(axis=_PIXELS)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return part / np.maximum(whole, _LEAST)
