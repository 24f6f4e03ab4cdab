// A picture as if printed, or as if shown on a screen. Simple on purpose, and the same whenever they are asked: what is
// random is drawn from a fixed seed.
(() => {
  const CHANNELS = 3;
  const SEED = 1;
  // Lengths are in pixels of a picture whose shorter side has so many.
  const REFERENCE_SIDE = 240;

  const INK_BLACK = 0.16;
  const PAPER = [0.95, 0.92, 0.86];
  const INK_SATURATION = 0.6;
  const BLUR_RADIUS = 2.2;
  const GRAIN = 0.1;
  const DOT = 3.1;
  const DOT_CONTRAST = 0.4;
  const DOT_EDGE = 3;
  // The classical angles at which cyan, magenta and yellow are screened: 15, 75 and 0 degrees.
  const SCREEN_ANGLES = [Math.PI / 12, (5 * Math.PI) / 12, 0];

  const RASTER_PERIOD = 2.7;
  const RASTER_TILT = 0.03;
  const RASTER_DEPTH = 0.5;
  const BACKLIGHT = [0.9, 0.98, 1.08];
  const SCREEN_GAMMA = 0.65;
  const SCREEN_BLACK = 0.14;
  const GLARE = 0.65;

  // Mulberry32: a small generator of numbers in [0, 1) that looks the same everywhere.
  function random(seed) {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  // --- Patterns: what depends on the place alone, (height, width, 3) row by row ------------------------------------

  function pattern(width, height, value) {
    const values = new Float32Array(width * height * CHANNELS);
    let next = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let channel = 0; channel < CHANNELS; channel++) values[next++] = value(x, y, channel);
      }
    }
    return values;
  }

  // Fibres make neighbours alike, and all three channels.
  function grain(width, height) {
    const draw = random(SEED);
    const noise = pattern(width, height, () => 0);
    for (let i = 0; i < noise.length; i += CHANNELS) noise.fill(draw() + draw() + draw() - 1.5, i, i + CHANNELS);
    boxBlur(noise, width, height, (0.6 * Math.min(width, height)) / REFERENCE_SIDE);
    return noise;
  }

  // A dot grows from the middle of its cell: the height at which ink ends, from 0 to 1.
  function dots(width, height) {
    const turn = (2 * Math.PI * REFERENCE_SIDE) / (DOT * Math.min(width, height));
    const axes = SCREEN_ANGLES.map((angle) => [Math.cos(angle), Math.sin(angle)]);
    return pattern(width, height, (x, y, channel) => {
      const [cosine, sine] = axes[channel];
      return 0.5 + (Math.cos(turn * (x * cosine + y * sine)) + Math.cos(turn * (y * cosine - x * sine))) / 4;
    });
  }

  // Red, green and blue stripes side by side, a little tilted against the camera's pixels: their beat is the moiré.
  function raster(width, height) {
    const turn = (2 * Math.PI * REFERENCE_SIDE) / (RASTER_PERIOD * Math.min(width, height));
    return pattern(width, height, (x, y, channel) => {
      const column = Math.cos(turn * (x + RASTER_TILT * y) + (2 * Math.PI * channel) / CHANNELS);
      const row = Math.cos(turn * (y - RASTER_TILT * x));
      return 1 - RASTER_DEPTH * (0.5 - (column + row) / 4);
    });
  }

  // A lamp, mirrored in the upper left of the glass.
  function glare(width, height) {
    return pattern(width, height, (x, y) => {
      const across = (x / width - 0.38) / 0.22;
      const down = (y / height - 0.3) / 0.3;
      return GLARE * Math.exp(-(across * across) - down * down);
    });
  }

  // A video has one size for all its pictures, so each pattern is made once.
  const kept = new Map();
  function once(make, width, height) {
    const found = kept.get(make);
    if (found?.width === width && found.height === height) return found.values;
    const values = make(width, height);
    kept.set(make, { width, height, values });
    return values;
  }

  // --- Parts: each changes `rgb` (0 to 1) by a strength from 0, as it was, to 1 ------------------------------------

  // A mean over 2 * radius + 1 pixels, along rows and then along columns; a fraction counts the outermost in part.
  // Beyond its ends a line goes on as it ends.
  function boxBlur(rgb, width, height, radius) {
    const whole = Math.floor(radius);
    const part = radius - whole;
    const margin = whole + 1;
    const line = new Float32Array(Math.max(width, height) + 2 * margin);
    const along = (start, step, length) => {
      const last = margin + length - 1;
      for (let i = margin, from = start; i <= last; i++, from += step) line[i] = rgb[from];
      line.fill(line[margin], 0, margin);
      line.fill(line[last], last + 1, last + 1 + margin);
      let sum = 0;
      for (let i = 1; i <= 2 * whole + 1; i++) sum += line[i];
      for (let i = margin, to = start; i <= last; i++, to += step) {
        rgb[to] = (sum + part * (line[i - margin] + line[i + margin])) / (2 * radius + 1);
        sum += line[i + margin] - line[i - whole];
      }
    };
    for (let channel = 0; channel < CHANNELS; channel++) {
      for (let y = 0; y < height; y++) along(y * width * CHANNELS + channel, CHANNELS, width);
      for (let x = 0; x < width; x++) along(x * CHANNELS + channel, width * CHANNELS, height);
    }
  }

  // Twice, which falls off softly; once leaves edges.
  function blur(rgb, width, height, strength) {
    const radius = (strength * BLUR_RADIUS * Math.min(width, height)) / REFERENCE_SIDE;
    boxBlur(rgb, width, height, radius);
    boxBlur(rgb, width, height, radius);
  }

  // Ink is no black hole and paper no lamp, and three inks mix fewer colours than a screen.
  function ink(rgb, _width, _height, strength) {
    for (let i = 0; i < rgb.length; i += CHANNELS) {
      const grey = 0.299 * rgb[i] + 0.587 * rgb[i + 1] + 0.114 * rgb[i + 2];
      for (let channel = 0; channel < CHANNELS; channel++) {
        const dull = grey + INK_SATURATION * (rgb[i + channel] - grey);
        const printed = INK_BLACK + (PAPER[channel] - INK_BLACK) * dull;
        rgb[i + channel] += strength * (printed - rgb[i + channel]);
      }
    }
  }

  function paperGrain(rgb, width, height, strength) {
    const noise = once(grain, width, height);
    for (let i = 0; i < rgb.length; i++) rgb[i] += strength * GRAIN * noise[i];
  }

  function halftone(rgb, width, height, strength) {
    const threshold = once(dots, width, height);
    for (let i = 0; i < rgb.length; i++) {
      // A soft step: the printer's dot as a camera sees it.
      const lit = Math.min(Math.max(0.5 + DOT_EDGE * (rgb[i] - threshold[i]), 0), 1);
      rgb[i] += strength * DOT_CONTRAST * (lit - rgb[i]);
    }
  }

  function backlight(rgb, _width, _height, strength) {
    for (let i = 0; i < rgb.length; i++) {
      const shown = SCREEN_BLACK + (1 - SCREEN_BLACK) * Math.max(rgb[i], 0) ** SCREEN_GAMMA;
      rgb[i] += strength * (shown * BACKLIGHT[i % CHANNELS] - rgb[i]);
    }
  }

  function screenRaster(rgb, width, height, strength) {
    const stripes = once(raster, width, height);
    for (let i = 0; i < rgb.length; i++) rgb[i] *= 1 + strength * (stripes[i] - 1);
  }

  function screenGlare(rgb, width, height, strength) {
    const light = once(glare, width, height);
    for (let i = 0; i < rgb.length; i++) rgb[i] += strength * light[i] * (1 - rgb[i]);
  }

  // In the order in which they happen.
  const PARTS = {
    print: { ink, blur, halftone, grain: paperGrain },
    replay: { backlight, raster: screenRaster, glare: screenGlare },
  };

  // Change an ImageData in place. `strengths` maps an attack to its strength, `chosen` holds the names of the parts
  // that take place.
  function simulate(picture, strengths, chosen) {
    const steps = Object.entries(PARTS).flatMap(([attack, parts]) =>
      Object.entries(parts)
        .filter(([name]) => strengths[attack] > 0 && chosen.has(name))
        .map(([, part]) => (rgb) => part(rgb, picture.width, picture.height, strengths[attack])),
    );
    if (steps.length === 0) return;
    const { data } = picture;
    const rgb = new Float32Array((data.length / 4) * CHANNELS);
    for (let from = 0, to = 0; from < data.length; from += 4) {
      for (let channel = 0; channel < CHANNELS; channel++) rgb[to++] = data[from + channel] / 255;
    }
    for (const step of steps) step(rgb);
    // An ImageData rounds, and keeps within 0 to 255.
    for (let from = 0, to = 0; to < data.length; to += 4) {
      for (let channel = 0; channel < CHANNELS; channel++) data[to + channel] = 255 * rgb[from++];
    }
  }

  window.tryIt = { ...window.tryIt, simulate };
})();
