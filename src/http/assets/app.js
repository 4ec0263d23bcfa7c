// What makes the pages quicker to work with; without it everything works by links and forms.
const rows = [...document.querySelectorAll('tr[data-href]')];
let chosen = rows.findIndex((row) => row.hasAttribute('aria-current'));

const choose = (index) => {
  const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
  if (row === undefined) return;
  rows[chosen]?.removeAttribute('aria-current');
  chosen = rows.indexOf(row);
  row.setAttribute('aria-current', 'true');
  row.querySelector('a')?.focus({ preventScroll: true });
  row.scrollIntoView({ block: 'nearest' });
};

const click = (selector) => {
  const scope = rows.length > 0 ? rows[chosen] : document;
  const target = scope?.querySelector(selector) ?? null;
  if (target instanceof HTMLElement) {
    target.closest('details')?.setAttribute('open', '');
    if (target.matches('button, a')) target.click();
    else target.focus();
  }
};

const KEYS = {
  j: () => choose(chosen + 1),
  k: () => choose(chosen - 1),
  Enter: () => {
    const href = rows[chosen]?.dataset.href;
    if (href !== undefined) location.assign(href);
  },
  a: () => click('[data-key="assign"]'),
  r: () => click('[data-key="resolve"]'),
  c: () => click('[data-key="comment"]'),
  u: () => click('[data-key="up"]'),
};

document.addEventListener('keydown', (event) => {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]')) return;
  // On a link or button Enter is the browser's own.
  if (event.key === 'Enter' && target instanceof HTMLElement && target.closest('a, button, summary')) return;
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
  if (act === undefined) return;
  event.preventDefault();
  act();
});

// A form that goes out twice is refused the second time by its version; that page would only confuse.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent === 'yes') event.preventDefault();
    form.dataset.sent = 'yes';
  });
}
// A page that comes back from the browser's memory may be sent again.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});
