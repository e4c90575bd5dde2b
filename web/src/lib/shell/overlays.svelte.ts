/** Which of the app's overlays is open; each is loaded when it is first opened. */
export const overlays = $state({ palette: false, shortcuts: false, uploads: false });
