import DOMPurify from 'dompurify';

/** What prose needs and nothing that can look like the app itself: no classes, styles, ids, forms, frames or media. */
const TAGS =
  'a abbr b blockquote br caption code del details dd div dl dt em figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var'.split(
    ' ',
  );
const ATTRIBUTES =
  'align alt checked colspan data-display data-language data-tex dir disabled href lang open rowspan src start tabindex title type'.split(
    ' ',
  );
const LINK = /^(?:https?:|mailto:|tel:|\/(?!\/)|#)/i;
const PICTURE = /^(?:\/(?!\/)|data:image\/(?:png|jpe?g|gif|webp);)/i;

function purifier(): typeof DOMPurify {
  const purify = DOMPurify(window);
  purify.addHook('afterSanitizeAttributes', (node) => {
    switch (node.nodeName) {
      case 'A':
        if (!LINK.test(node.getAttribute('href')?.trim() ?? '')) node.removeAttribute('href');
        node.setAttribute('target', '_blank');
        node.setAttribute('rel', 'noopener noreferrer nofollow');
        break;
      case 'IMG':
        if (!PICTURE.test(node.getAttribute('src')?.trim() ?? '')) node.remove();
        else node.setAttribute('loading', 'lazy');
        break;
      case 'INPUT':
        // Only the tick of a task list.
        if (node.getAttribute('type') !== 'checkbox') node.remove();
        else node.setAttribute('disabled', '');
        break;
      default:
        node.removeAttribute('href');
        node.removeAttribute('src');
        if (node.nodeName !== 'PRE' && node.nodeName !== 'FIGURE') node.removeAttribute('tabindex');
    }
  });
  return purify;
}

let purify: typeof DOMPurify | undefined;

/** Returns HTML that is safe to put into the page, whatever a model or a person wrote. */
export function sanitize(html: string): string {
  purify ??= purifier();
  return purify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
  });
}
