import type { Page } from 'playwright-core';

/** The trend charts of a page as drawn, with the table and the axis beside them. */
export async function readCharts(page: Page) {
  return await page.evaluate<
    {
      region: string;
      marks: { bmd: string; mark: string; y: number }[];
      cells: string[];
      ticks: { value: number; y: number }[];
      band: (string | null)[];
    }[]
  >(`[...document.querySelectorAll('section.trend')].map((section) => ({
      region: section.dataset.region,
      marks: [...section.querySelectorAll('[data-mark]')].map((m) => ({ bmd: m.dataset.bmd, mark: m.dataset.mark, y: Number(m.dataset.y) })),
      cells: [...section.querySelectorAll('td[data-bmd]')].map((cell) => cell.textContent.trim()),
      ticks: [...section.querySelectorAll('svg text[text-anchor="end"]')].filter((t) => /^[0-9.]+$/.test(t.textContent))
        .map((t) => ({ value: Number(t.textContent), y: Number(t.getAttribute('y')) - 4 })),
      band: ['low', 'high'].map((edge) => section.querySelector('.band')?.dataset[edge] ?? null),
    }))`);
}
