import { newKey, upload } from '@/api'
import { platform } from '@/platform'

/** Lets the person choose a table and sends it; undefined when none was chosen. */
export async function chooseTable(): Promise<{ id: string; name: string } | undefined> {
  const [file] = await platform.chooseFiles(1)
  if (!file?.blob) return undefined
  // A file that is not kept has no path yet, without which none is sent.
  const path = URL.createObjectURL(file.blob)
  try {
    return { id: await upload({ ...file, path }, newKey()), name: file.name }
  } finally {
    URL.revokeObjectURL(path)
  }
}
