// Runs before the first paint, so that a dark app never flashes white. The key is mode-watcher's.
(function () {
  function stored() {
    try {
      return localStorage.getItem('mode-watcher-mode');
    } catch {
      return null;
    }
  }
  const mode = stored();
  const dark = mode === 'dark' || (mode !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', dark);
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
})();
