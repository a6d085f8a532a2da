import { useState } from 'react';

export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'outwitness-theme';

function stored(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

/** The chosen theme; public/theme.js applies it before the first paint of the next visit. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(stored);
  return [
    theme,
    (next) => {
      if (next === 'auto') delete document.documentElement.dataset['theme'];
      else document.documentElement.dataset['theme'] = next;
      try {
        if (next === 'auto') localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, next);
      } catch {
        // Storage is switched off: the choice holds until the page is left.
      }
      setTheme(next);
    },
  ];
}
