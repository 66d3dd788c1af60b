import * as fs from 'node:fs'

/**
 * Whether a written file has exactly the bytes of the one that PyTorch and numpy were seen to read
 * (`test/oracle/array_files.py check`). With TENZO_RECORD set it becomes that one, to be checked anew.
 */
export function isAsRecorded(written: string, recorded: string): boolean {
  if (process.env.TENZO_RECORD) fs.copyFileSync(written, recorded)
  return fs.readFileSync(written).equals(fs.readFileSync(recorded))
}
