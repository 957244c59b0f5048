"use strict";
// Slices and 3D of a scan: layers, crosshair, names of regions.
(async () => {
  const section = document.getElementById("viewer");
  const remove = document.getElementById("delete");
  if (remove) {
    remove.addEventListener("click", async () => {
      if (!window.confirm("Delete this scan, its maps and its answer from the server?")) return;
      const answer = await fetch(`/api/jobs/${document.body.dataset.job}`, { method: "DELETE" });
      if (answer.ok) location.assign("/");
    });
  }
  const base = section.dataset.base;
  const canvas = document.getElementById("gl");
  const trouble = document.getElementById("trouble");
  if (!canvas) return;

  const COLOURS = { "red and blue": ["red", "blue"], "warm and winter": ["warm", "winter"], "plasma and cool": ["plasma", "cool"], "gray": ["gray", ""], "viridis": ["viridis", ""], "hot": ["hot", ""] };
  const fail = (text) => { trouble.textContent = text; trouble.hidden = false; document.getElementById("stage").hidden = true; };
  if (!canvas.getContext("webgl2")) {
    fail("This browser has no WebGL 2, which the slices and the 3D view need; the pictures of the report show the same maps.");
    return;
  }

  const answer = await fetch(`${base}/view`);
  const view = await answer.json();
  if (!answer.ok) { fail(view.detail); return; }
  const regions = new Map(view.regions.map((region) => [region.label, region]));
  const named = (region) => `${region.hemisphere} ${region.name}`;
  const output = document.getElementById("region");
  const axes = ["x", "y", "z"].map((name) => document.getElementById(name));
  const values = [];

  const nv = new niivue.Niivue({
    dragAndDropEnabled: false, loadingText: "loading", backColor: [0, 0, 0, 1], crosshairWidth: 1,
    multiplanarShowRender: niivue.SHOW_RENDER.ALWAYS, multiplanarLayout: niivue.MULTIPLANAR_TYPE.GRID,
    isRadiologicalConvention: false, isOrientationTextVisible: true, show3Dcrosshair: true, sagittalNoseLeft: true,
  });

  nv.onLocationChange = (place) => {
    place.mm.slice(0, 3).forEach((value, index) => {
      if (document.activeElement !== axes[index]) axes[index].value = value.toFixed(0);
    });
    place.values.forEach((found, index) => {
      if (values[index]) values[index].textContent = Number.isFinite(found.value) ? found.value.toPrecision(3) : "";
    });
    const last = place.values[place.values.length - 1];
    const region = regions.size && last ? regions.get(Math.round(last.value)) : undefined;
    const at = [...place.mm.slice(0, 3)].map((value) => value.toFixed(0)).join(", ");
    output.textContent = `${region ? named(region) : regions.size ? "no named region" : "regions are not known here"} (${at} mm)`;
  };

  const moveTo = (mm) => {
    nv.scene.crosshairPos = nv.mm2frac(mm);
    nv.createOnLocationChange();
    nv.drawScene();
  };
  const here = () => [...nv.frac2mm(nv.scene.crosshairPos)].slice(0, 3);

  await nv.attachToCanvas(canvas);
  const list = view.volumes.map((volume, index) => ({
    url: `${base}/maps/${volume.key}.nii.gz`, name: `${volume.key}.nii.gz`,
    colormap: index ? "red" : "gray",
    ...(index ? { colormapNegative: "blue", opacity: index === 1 ? 0.6 : 0 } : {}),
  }));
  if (regions.size) list.push({ url: `${base}/maps/regions.nii.gz`, name: "regions.nii.gz", opacity: 0 });
  try {
    await nv.loadVolumes(list);
  } catch (error) {
    fail(`The maps could not be loaded: ${error.message}`);
    return;
  }

  // The signed maps: one scale on both sides, nothing shown near zero.
  view.volumes.forEach((volume, index) => {
    if (!index) return;
    const loaded = nv.volumes[index];
    const most = Math.max(Math.abs(loaded.robust_min), Math.abs(loaded.robust_max), Math.abs(loaded.global_min) / 4, Math.abs(loaded.global_max) / 4) || 1;
    loaded.cal_max = most;
    loaded.cal_min = 0.2 * most;
  });
  if (regions.size) {
    const labels = Array.from({ length: Math.max(...regions.keys()) + 1 }, (_, label) => label);
    const hue = (label, shift) => Math.round(128 + 100 * Math.sin(label * 2.4 + shift));
    nv.volumes[list.length - 1].setColormapLabel({
      R: labels.map((label) => hue(label, 0)), G: labels.map((label) => hue(label, 2)), B: labels.map((label) => hue(label, 4)),
      A: labels.map((label) => (label ? 255 : 0)), I: labels, labels: labels.map((label) => (regions.has(label) ? named(regions.get(label)) : "")),
    });
  }
  nv.updateGLVolume();

  // One row for each layer.
  const cell = (row, ...children) => { const made = document.createElement("td"); made.append(...children); row.append(made); return made; };
  const range = (label, value, most, onInput) => {
    const made = document.createElement("input");
    Object.assign(made, { type: "range", min: 0, max: most, step: most / 50, value });
    made.setAttribute("aria-label", label);
    made.addEventListener("input", () => onInput(Number(made.value)));
    return made;
  };
  const layers = [...view.volumes, ...(regions.size ? [{ key: "regions", label: "Regions (CerebrA)", unit: "" }] : [])];
  layers.forEach((layer, index) => {
    const row = document.createElement("tr");
    const volume = nv.volumes[index];
    const head = document.createElement("th");
    head.scope = "row";
    const label = document.createElement("label");
    const shown = document.createElement("input");
    Object.assign(shown, { type: "checkbox", checked: volume.opacity > 0 });
    shown.dataset.layer = layer.key;
    label.append(shown, layer.label);
    head.append(label);
    row.append(head);
    values[index] = cell(row, "");
    values[index].title = layer.unit;
    let opacity = volume.opacity || 0.6;
    const apply = () => { nv.setOpacity(index, shown.checked ? opacity : 0); };
    shown.addEventListener("change", apply);
    cell(row, range(`Opacity of ${layer.label}`, opacity, 1, (value) => { opacity = value; shown.checked = value > 0; apply(); }));
    if (layer.key === "regions") { cell(row, ""); cell(row, ""); }
    else {
      cell(row, range(`Threshold of ${layer.label}`, index ? volume.cal_min : Math.max(volume.cal_min, 0), volume.cal_max, (value) => { volume.cal_min = Math.min(value, volume.cal_max * 0.99); nv.updateGLVolume(); }));
      const colours = document.createElement("select");
      colours.setAttribute("aria-label", `Colours of ${layer.label}`);
      for (const name of Object.keys(COLOURS)) colours.append(new Option(name, name));
      colours.value = index ? "red and blue" : "gray";
      colours.addEventListener("change", () => {
        const [up, down] = COLOURS[colours.value];
        volume.colormap = up;
        volume.colormapNegative = down;
        nv.updateGLVolume();
      });
      cell(row, colours);
    }
    document.getElementById("layers").append(row);
  });

  // Crosshair by numbers, keys, list and the rows of the report's tables.
  axes.forEach((axis) => axis.addEventListener("change", () => moveTo(axes.map((each) => Number(each.value)))));
  document.getElementById("layout").addEventListener("change", (event) => nv.setSliceType(Number(event.target.value)));
  const STEPS = { ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, 1, 0], ArrowDown: [0, -1, 0], PageUp: [0, 0, 1], PageDown: [0, 0, -1] };
  canvas.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    moveTo(here().map((value, index) => value + step[index] * (event.shiftKey ? 10 : 2)));
  }, true);
  const find = document.getElementById("find");
  for (const region of [...regions.values()].sort((a, b) => named(a).localeCompare(named(b)))) find.append(new Option(named(region), region.label));
  find.addEventListener("change", () => { const region = regions.get(Number(find.value)); if (region) moveTo(region.place); });
  if (view.no_regions) {
    const told = document.getElementById("no-regions");
    told.textContent = `Regions are not named: ${view.no_regions}`;
    told.hidden = false;
    find.disabled = true;
  }

  // A row whose first words name a region leads to it, on each side that there is.
  const byName = new Map();
  const sided = [...regions.values()].sort((a, b) => a.hemisphere.localeCompare(b.hemisphere));
  for (const region of sided) {
    byName.set(named(region), [region]);
    byName.set(region.name, [...(byName.get(region.name) || []), region]);
  }
  for (const head of document.querySelectorAll("#report tbody th[scope=row]")) {
    for (const region of byName.get(head.textContent.trim().toLowerCase()) || []) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "go";
      button.textContent = region.hemisphere === "left" ? "L" : "R";
      button.setAttribute("aria-label", `Show the ${named(region)}`);
      button.addEventListener("click", () => { moveTo(region.place); section.scrollIntoView(); canvas.focus({ preventScroll: true }); });
      head.append(button);
    }
  }
  const start = [...regions.values()].find((region) => named(region) === "left hippocampus");
  moveTo(start ? start.place : here());
  section.dataset.ready = "yes";
})();
