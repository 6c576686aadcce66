// Pictures: from files, the clipboard or a drop to data URLs, which is the form that the server takes.

const KINDS = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const LARGEST_MIB = 15; // a third more as a data URL, and the server reads 32 MiB in all
const DATA_URL = /^data:image\/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+={0,2}$/;

/** Whether an address is a picture by itself: nothing else may be shown, or the page would fetch it. */
export const isPicture = (url) => typeof url === "string" && DATA_URL.test(url);

/** The files that a paste or a drop brings. */
export const filesOf = (transfer) => [...(transfer?.files ?? [])];

/** Files → `{name, url}` each. An Error names the first that cannot be taken. */
export async function readImages(files) {
  for (const { name, type, size } of files) {
    if (!KINDS.includes(type)) throw new Error(`${name} is no picture that models take; choose PNG, JPEG, WebP or GIF.`);
    if (size > LARGEST_MIB * 2 ** 20) throw new Error(`${name} is larger than ${LARGEST_MIB} MiB.`);
  }
  return Promise.all(files.map(async (file) => ({ name: file.name || "picture", url: await dataUrl(file) })));
}

function dataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}
