import { m } from '#lib/paraglide/messages.js';

/** Side of a profile picture in pixels: sharp at the largest size shown, and a few KB. */
const SIDE = 192;

/** The middle of an image as a small square, as a data URL. Throws in words when the file is no image. */
export async function squarePicture(file: File): Promise<string> {
  const image = await createImageBitmap(file).catch(() => {
    throw new Error(m.account_picture_unreadable());
  });
  const side = Math.min(image.width, image.height);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d');
  if (!context) throw new Error(m.account_picture_unreadable());
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  image.close();
  return canvas.toDataURL('image/jpeg', 0.85);
}
