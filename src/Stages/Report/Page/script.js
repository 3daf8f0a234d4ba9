'use strict';
(() => {
  const charts = JSON.parse(document.getElementById('chart-data').textContent);
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const percent = value => (value == null ? '–' : (value * 100).toFixed(1) + ' %');
  const number = value => (value == null ? '–' : value.toFixed(3));

  const axis = (label, values) => ({
    ...(label ? { label, labelSize: 22, labelFont: '12px system-ui, sans-serif' } : {}),
    font: '12px system-ui, sans-serif',
    stroke: colour('--faint'),
    grid: { stroke: colour('--rule'), width: 1 },
    ticks: { show: false },
    ...(values ? { values: (_, splits) => splits.map(values), size: 56 } : { size: 32 }),
  });

  // A line for each training, its mean over the seeds, with a band from the least to the greatest seed.
  function curve(chart, width) {
    const format = chart.percent ? percent : number;
    const series = [{ label: 'epoch' }];
    const data = [chart.epochs];
    const bands = [];
    for (const training of chart.trainings) {
      const stroke = colour('--t' + training.tone);
      series.push({ label: training.name, stroke, width: 2, points: { show: chart.epochs.length < 2 }, value: (_, value) => format(value) });
      data.push(training.mean);
      if (training.low) {
        const bound = { label: '', class: 'bound', stroke: 'transparent', width: 0, points: { show: false } };
        bands.push({ series: [series.length, series.length + 1], fill: stroke + '22' });
        series.push(bound, { ...bound });
        data.push(training.high, training.low);
      }
    }
    return {
      data,
      options: {
        width,
        height: 250,
        series,
        bands,
        scales: { x: { time: false } },
        axes: [axis('epoch'), axis('', chart.percent ? value => Math.round(value * 100) + ' %' : value => String(+value.toFixed(3)))],
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
      },
    };
  }

  // Counts stacked by verdict over the filter's confidence, with the limits as lines.
  function histogram(chart, width) {
    const parts = [
      ['passed', '--keep', chart.passed],
      ['too easy', '--easy', chart.tooEasy],
      ['mislabelled', '--wrong', chart.mislabelled],
    ];
    const bins = chart.passed.length;
    const stacked = [];
    parts.forEach(([, , counts], index) => stacked.push(counts.map((count, bin) => count + (index ? stacked[index - 1][bin] : 0))));
    const bars = uPlot.paths.bars({ size: [0.86, Infinity], align: 0 });
    const series = [{ label: 'confidence', value: (_, value) => (value == null ? '–' : value.toFixed(2)) }];
    const data = [chart.passed.map((_, bin) => (bin + 0.5) / bins)];
    for (let index = parts.length - 1; index >= 0; index--) {
      const [label, tone, counts] = parts[index];
      const paint = colour(tone);
      series.push({ label, stroke: paint, fill: paint, width: 0, paths: bars, points: { show: false }, value: (_u, _v, _s, bin) => (bin == null ? '–' : counts[bin]) });
      data.push(stacked[index]);
    }
    const limits = u => {
      const { ctx, bbox } = u;
      ctx.save();
      ctx.strokeStyle = colour('--ink');
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
      for (const limit of chart.limits.filter(value => value <= 1)) {
        const x = u.valToPos(limit, 'x', true);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.restore();
    };
    return {
      data,
      options: {
        width,
        height: 210,
        series,
        scales: { x: { time: false, range: [0, 1] }, y: { range: (_, _low, high) => [0, Math.max(1, high * 1.05)] } },
        axes: [axis('confidence in the class it predicts'), axis('', value => (Number.isInteger(value) ? value : ''))],
        cursor: { drag: { x: false, y: false }, points: { show: false } },
        hooks: { draw: [limits] },
      },
    };
  }

  const drawn = new Map();
  function draw(place) {
    const chart = charts[place.dataset.chart];
    const width = place.clientWidth;
    if (!chart || width === 0) return;
    drawn.get(place)?.plot.destroy();
    const { options, data } = (chart.passed ? histogram : curve)(chart, width);
    drawn.set(place, { plot: new uPlot(options, data, place), width });
  }

  const places = [...document.querySelectorAll('[data-chart]')];
  const resized = new ResizeObserver(entries => {
    for (const { target } of entries) if (drawn.get(target)?.width !== target.clientWidth) draw(target);
  });
  places.forEach(place => resized.observe(place));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => places.forEach(draw));
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(part => (part.open = true)));

  const form = document.querySelector('.filters');
  if (form) {
    const pairs = [...document.querySelectorAll('.pair')];
    const more = document.querySelector('.more');
    const few = 24;
    const show = most => {
      let fitting = 0;
      for (const pair of pairs) {
        const fits = ['class', 'prompt', 'verdict'].every(name => ['', pair.dataset[name]].includes(form.elements[name].value));
        fitting += fits ? 1 : 0;
        pair.hidden = !fits || fitting > most;
      }
      more.hidden = fitting <= most;
      form.querySelector('output').textContent = `${Math.min(fitting, most)} of ${fitting} shown`;
    };
    form.addEventListener('change', () => show(few));
    form.addEventListener('reset', () => setTimeout(() => show(few))); // the fields are reset after this event
    more.addEventListener('click', () => show(pairs.length));
    form.addEventListener('submit', event => event.preventDefault());
    show(few);
  }
})();
