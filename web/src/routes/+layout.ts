// The app runs in the browser alone: index.html is served for every page.
export const ssr = false;
export const prerender = false;
