"""Training, by the picture: the grid's processes against the released code's own pipeline.

The released code augments with ``ImageDataGenerator`` and
calls ``fit`` with TensorFlow's defaults: one model at a time, on all processors. The grid trains a model a
processor, in processes of one thread. Both train the released network by the recipe ``as_run`` on the same
pictures. An epoch goes first that is not timed, and starting processes is not timed either. Processor time is
kept too, as the clock also counts what else the machine does.
"""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from attacknet import machine
from attacknet.batches import Pictures
from attacknet.recipes import RECIPES

RECIPE = RECIPES["as_run"]
RELEASED = "the released pipeline"
PICTURES, EPOCHS = 1600, 3


class Rate(NamedTuple):
    """Pictures a second."""

    clock: float
    processor: float


def pictures(count: int) -> Pictures:
    """Noise: what a picture shows makes no difference to the time."""
    images = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), np.uint8)
    return Pictures(images, np.full(count, 255, np.float32), np.arange(count) % 2)


class Watch:
    """Counts from the end of the first epoch."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._epochs = 0

    def epoch_done(self) -> None:
        """Take the time at the end of an epoch."""
        self._now = time.perf_counter(), time.process_time()
        if not self._epochs:
            self._start = self._now
        self._epochs += 1

    def rate(self) -> Rate:
        """Pictures a second since the first epoch."""
        seconds = (now - start for now, start in zip(self._now, self._start, strict=True))
        return Rate(*(self._count * (self._epochs - 1) / spent for spent in seconds))


def train_as_released(count: int, epochs: int) -> Rate:
    """As the released notebook does."""
    import keras  # noqa: PLC0415 - only in the process that trains
    from keras.src.legacy.preprocessing.image import ImageDataGenerator  # noqa: PLC0415

    from attacknet import networks  # noqa: PLC0415

    shown, bounds, watch = pictures(count), RECIPE.augmentation, Watch(count)
    generator = ImageDataGenerator(
        rotation_range=bounds.rotation,
        width_shift_range=bounds.shift,
        height_shift_range=bounds.shift,
        shear_range=bounds.shear,
        zoom_range=bounds.zoom,
        horizontal_flip=bounds.flip,
        fill_mode=bounds.fill,
    )
    images, labels = shown.images / np.float32(255), keras.utils.to_categorical(shown.labels)
    network = networks.build("released")
    optimizer = keras.optimizers.Adam(RECIPE.learning_rate)
    # Keras 2, for which the notebook was written, did not use XLA; here it would be three times slower.
    network.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    network.fit(
        generator.flow(images, labels, RECIPE.batch, shuffle=False),
        epochs=epochs,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: watch.epoch_done())],
    )
    return watch.rate()


def train_as_in_the_grid(count: int, epochs: int) -> Rate:
    """As one process of the grid does."""
    from attacknet import fitting  # noqa: PLC0415 - only in the process that trains

    fitting.one_thread()
    watch, recipe = Watch(count), replace(RECIPE, epochs=epochs)
    network = fitting.initialised("released", 0)
    fitting.fit(network, pictures(count), None, recipe, 0, progress=lambda *_: watch.epoch_done())
    return watch.rate()


def measure(train: Callable[[int, int], Rate], processes: int, count: int, epochs: int) -> Rate:
    """Train in so many new processes at once: together by the clock, the mean a processor second."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context) as pool:
        rates = [one.result() for one in [pool.submit(train, count, epochs) for _ in range(processes)]]
    return Rate(sum(rate.clock for rate in rates), sum(rate.processor for rate in rates) / processes)


def bench_training(keep: Callable[..., None], turns: range) -> None:
    """Train by the recipe ``as_run``."""
    ways = {RELEASED: (train_as_released, 1), "the grid": (train_as_in_the_grid, machine.cores())}
    for _ in turns:
        for way, (train, processes) in ways.items():
            rate = measure(train, processes, PICTURES, EPOCHS)
            keep("training on a picture, by the clock", way, 1 / rate.clock, reference=RELEASED)
            keep("training on a picture, processor time", way, 1 / rate.processor, reference=RELEASED)
