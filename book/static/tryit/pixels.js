// From a picture and a face box to the 32x32 crop that the network reads.
(() => {
  const SIDE = 32;
  const CHANNELS = 3;
  // OpenCV resizes bytes in whole numbers: weights of 11 bits, whose products lose 4 bits on the way.
  const ONE = 2048;

  const roundHalfEven = (x) => {
    const below = Math.floor(x);
    const rest = x - below;
    if (rest !== 0.5) return Math.round(x);
    return below % 2 === 0 ? below : below + 1;
  };

  // For each of the crop's 32 places along a side: the two source pixels beside it, and their weights.
  function places(length) {
    const scale = 1 / (SIDE / length);
    return Array.from({ length: SIDE }, (_, place) => {
      const at = Math.fround((place + 0.5) * scale - 0.5);
      const before = Math.floor(at);
      const share = Math.fround(at - before);
      const inside = (index) => Math.min(Math.max(index, 0), length - 1);
      return {
        before: inside(before),
        after: inside(before + 1),
        left: roundHalfEven(Math.fround(1 - share) * ONE),
        right: roundHalfEven(share * ONE),
      };
    });
  }

  // The box as far as the picture goes; it always keeps at least a pixel.
  function inside(box, width, height) {
    const left = Math.min(Math.max(box.column, 0), width - 1);
    const top = Math.min(Math.max(box.row, 0), height - 1);
    const right = Math.max(Math.min(box.column + box.width, width), left + 1);
    const bottom = Math.max(Math.min(box.row + box.height, height), top + 1);
    return { row: top, column: left, height: bottom - top, width: right - left };
  }

  // cv2.resize(picture[box], (32, 32)): bilinear, without smoothing first. `picture` is an ImageData; the crop is RGB,
  // row by row.
  function crop(picture, box) {
    const { row, column, height, width } = inside(box, picture.width, picture.height);
    const across = places(width);
    const down = places(height);
    const pixel = (y, x, channel) => picture.data[4 * ((row + y) * picture.width + column + x) + channel];
    const between = (y, place, channel) =>
      (place.left * pixel(y, place.before, channel) + place.right * pixel(y, place.after, channel)) >> 4;
    const pixels = new Uint8Array(SIDE * SIDE * CHANNELS);
    let next = 0;
    for (const y of down) {
      for (const x of across) {
        for (let channel = 0; channel < CHANNELS; channel++) {
          const upper = (y.left * between(y.before, x, channel)) >> 16;
          const lower = (y.right * between(y.after, x, channel)) >> 16;
          pixels[next++] = (upper + lower + 2) >> 2;
        }
      }
    }
    return pixels;
  }

  window.tryIt = { ...window.tryIt, crop };
})();
