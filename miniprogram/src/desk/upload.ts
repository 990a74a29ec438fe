import { newKey, upload } from '@/api'
import { platform } from '@/platform'

/** Lets the person choose a table and sends it; undefined when none was chosen. */
export async function chooseTable(): Promise<{ id: string; name: string } | undefined> {
  const [file] = await platform.chooseFiles(1)
  return file && { id: await upload(file, newKey()), name: file.name }
}
