/** 12 KB, 3.4 MB. */
export function sizeOf(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/** The server stops counting at 100. */
export const countOf = (n: number) => (n >= 100 ? '99+' : String(n))
