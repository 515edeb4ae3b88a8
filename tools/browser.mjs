// Runs notebooks in JupyterLab through its own menu, in headless Chromium, and tells what is on the page as JSON.
// Called by tools/browser.py: node browser.mjs '{"modules": …, "chromium": …, "url": …, "notebooks": […], "out": …}'

import { createRequire } from "node:module";

const asked = JSON.parse(process.argv[2]);
const { chromium } = createRequire(`${asked.modules}/`)("playwright-core");
const MINUTES = 60_000;

const browser = await chromium.launchPersistentContext(asked.profile, {
  executablePath: asked.chromium,
  headless: true,
  viewport: { width: 1280, height: 900 },
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

async function seen(name) {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  const problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(`${asked.url}/lab/tree/${name}.ipynb?reset`);
  await page.waitForSelector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", { timeout: MINUTES });
  await page.waitForSelector('#jp-main-statusbar :text("| Idle")', { timeout: MINUTES });
  const before = await page.locator(".jp-CodeCell .jp-OutputArea-child").count();
  await page.click('.lm-MenuBar-itemLabel:text-is("Run")');
  await page.click('.lm-Menu-itemLabel:text-is("Run All Cells")');
  // Where the kernel connects late, JupyterLab asks which one to take; a reader confirms, and runs again.
  const select = page.locator(".jp-Dialog button.jp-mod-accept");
  if (await select.waitFor({ timeout: 2000 }).then(() => true, () => false)) await select.click();
  let progress = "";
  const during = page.locator(".jp-OutputArea-output", { hasText: /, command \d+ of \d+: / }).first();
  const watched = during.waitFor({ timeout: 5 * MINUTES }).then(async () => {
    progress = await during.innerText();
    await during.scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${asked.out}/${name}-${asked.theme}-progress.png` });
  }).catch(() => {});
  await page.waitForFunction(
    () => {
      const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].map((one) => one.textContent);
      const failed = document.querySelector('.jp-RenderedText[data-mime-type="application/vnd.jupyter.error"]');
      return prompts.length > 0 && (failed || prompts.every((text) => /\[\d+\]:/.test(text)));
    },
    undefined,
    { timeout: 5 * MINUTES },
  );
  const found = await page.evaluate(() => ({
    prompts: [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].map((one) => one.textContent),
    tables: document.querySelectorAll(".jp-OutputArea table.dataframe").length,
    charts: [...document.querySelectorAll(".jp-OutputArea figure img")].map((one) => ({
      alt: one.alt, caption: one.parentElement.querySelector("figcaption").textContent, drawn: one.naturalWidth > 100,
    })),
    text: [...document.querySelectorAll(".jp-OutputArea-output")].map((one) => one.innerText).join("\n"),
    errors: [...document.querySelectorAll('.jp-RenderedText[data-mime-type="application/vnd.jupyter.error"]')].map(
      (one) => one.innerText,
    ),
    stderr: document.querySelectorAll('.jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"]').length,
  }));
  const shots = progress ? [`${asked.out}/${name}-${asked.theme}-progress.png`] : [];
  for (const [what, selector] of Object.entries(asked.shots)) {
    const place = page.locator(selector).first();
    if (!(await place.count())) continue;
    await place.scrollIntoViewIfNeeded();
    await page.waitForTimeout(400);
    shots.push(`${asked.out}/${name}-${asked.theme}-${what}.png`);
    await page.screenshot({ path: shots.at(-1) });
  }
  await page.close();
  await watched;
  return { name, before, problems, shots, progress, ...found };
}

const reports = [];
try {
  for (const name of asked.notebooks) reports.push(await seen(name));
} finally {
  await browser.close();
}
console.log(JSON.stringify(reports));
