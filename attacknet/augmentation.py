"""Random warps of training pictures: rotation, shift, shear, zoom and flip composed into one resampling.

The parts and their order are those of Keras' ``ImageDataGenerator``, which the released training code uses,
so that the same bounds mean the same. It resamples picture by picture in Python; here one operation inside
tf.data warps a batch.
"""

from typing import TYPE_CHECKING

import numpy as np

from attacknet.recipes import Augmentation

if TYPE_CHECKING:
    import tensorflow as tf


def warp(images: "tf.Tensor", augmentation: Augmentation, seed: "tf.Tensor") -> "tf.Tensor":
    """Warp each picture of a batch by a draw of its own.

    Parameters
    ----------
    images
        ``(batch, height, width, 3)``, float32.
    augmentation
        The bounds.
    seed
        ``(2,)``, int64: the same seed gives the same warps, whatever was drawn before.

    Returns
    -------
    tf.Tensor
        As `images`; bilinear, and `augmentation.fill` beyond the border.
    """
    import tensorflow as tf  # noqa: PLC0415 - heavy

    shape = tf.shape(images)
    maps = _maps(augmentation, shape[0], shape[1:3], seed)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=maps,
        output_shape=shape[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode=augmentation.fill.upper(),
    )


def _maps(
    augmentation: Augmentation, count: "tf.Tensor", size: "tf.Tensor", seed: "tf.Tensor"
) -> "tf.Tensor":
    """Draw the maps from a warped picture's pixels back to the picture's, ``(count, 8)``.

    About the centre c, a pixel x of the warped picture is taken from ``R (S Z F (x - c) + t) + c``: rotation,
    shear, zoom, flip and shift.
    """
    import tensorflow as tf  # noqa: PLC0415 - heavy

    size = tf.cast(size[::-1], tf.float32)  # width, height: x comes first
    draws = tf.random.stateless_uniform((count, 7), seed, -1.0, 1.0)
    angle, lean = (
        np.deg2rad(a) * draws[:, i] for i, a in ((0, augmentation.rotation), (1, augmentation.shear))
    )
    shift = augmentation.shift * draws[:, 2:4] * size
    zoom = 1 + augmentation.zoom * draws[:, 4:6]
    mirror = tf.where(draws[:, 6] < 0, -1.0, 1.0) if augmentation.flip else tf.ones(count)

    rotation = _matrix([tf.cos(angle), -tf.sin(angle)], [tf.sin(angle), tf.cos(angle)])
    shear = _matrix([tf.ones(count), -tf.sin(lean)], [tf.zeros(count), tf.cos(lean)])
    scale = tf.linalg.diag(zoom * tf.stack([mirror, tf.ones(count)], axis=1))
    linear = rotation @ shear @ scale
    centre = (size - 1) / 2
    offset = tf.linalg.matvec(rotation, shift) + centre - tf.linalg.matvec(linear, centre)
    rows = tf.concat([linear, offset[:, :, None]], axis=2)
    return tf.concat([tf.reshape(rows, (count, 6)), tf.zeros((count, 2))], axis=1)


def _matrix(*rows: "list[tf.Tensor]") -> "tf.Tensor":
    """Stack vectors of ``(count,)`` into matrices, ``(count, 2, 2)``."""
    import tensorflow as tf  # noqa: PLC0415 - heavy

    return tf.stack([tf.stack(row, axis=1) for row in rows], axis=1)
