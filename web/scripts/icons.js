// Icons become plain markup when the app is built. As they come, each icon puts its shapes together at run time, an
// element at a time; a chat shows a hundred of them, which was a sixth of the work before its first paint.

/** How `@lucide/svelte` writes an icon down: its name and the shapes in it. */
const ICON = /\/@lucide\/svelte\/dist\/icons\/[\w-]+\.svelte$/;
const DATA = /const iconData = (\{.*\});/;

/** @param {string} text */
const quoted = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

/**
 * The component of an icon. It takes what lucide's own takes, less what needs arithmetic (`absoluteStrokeWidth`) or a
 * context.
 * @param {{ node: [tag: string, attributes: Record<string, string | number>][] }} icon
 */
function component({ node }) {
  const shapes = node.map(([tag, attributes]) => {
    const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${quoted(String(value))}"`);
    return `<${tag}${written.join('')} />`;
  });
  return `<script>
  let { size = 24, color = 'currentColor', strokeWidth = 2, ...rest } = $props();
</script>

<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width={size} height={size} fill="none" stroke={color}
  stroke-width={strokeWidth} stroke-linecap="round" stroke-linejoin="round" aria-hidden={'aria-label' in rest ? undefined : 'true'} {...rest}>${shapes.join('')}</svg>
`;
}

/** @type {import('svelte/compiler').PreprocessorGroup} */
export const icons = {
  name: 'icons',
  markup({ content, filename }) {
    if (!filename || !ICON.test(filename)) return;
    const data = DATA.exec(content)?.[1];
    if (!data) throw new Error(`${filename} is not written as this script knows it.`);
    return { code: component(JSON.parse(data)) };
  },
};
