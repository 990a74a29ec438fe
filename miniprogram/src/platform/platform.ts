/** What a person answered when asked for one push message of a template. */
export interface Consent {
  template_id: string
  accepted: boolean
}

/** A file that was chosen and is not yet kept. */
export interface Chosen {
  name: string
  /** A path of the phone, or a URL of the browser. */
  path: string
  size: number
  picture: boolean
  /** The browser's own handle. */
  blob?: Blob
}

/** Keeps chosen files until they have arrived, whatever happens to the program. */
export interface Keep {
  put(name: string, file: Chosen): Promise<void>
  /** Undefined when it is no longer there. */
  get(name: string): Promise<Chosen | undefined>
  drop(name: string): Promise<void>
}

/** What the mini-program and the browser do each in their own way. */
export interface Platform {
  readonly weixin: boolean
  /** Where the API is; empty: where the page came from. */
  readonly origin: string
  /** How this device is called in the list of one's sessions. */
  device(): string
  /** Whether the places stand at the side, as pages.json says of the left window: then there are the pages of a desk. */
  wide(): boolean
  /** How large the person has set the type of the phone: 1 is usual. */
  typeScale(): number
  loginCode(): Promise<string>
  /** To be the first thing that a tap waits for. */
  askPush(templates: string[]): Promise<Consent[]>
  place(): Promise<{ name: string; latitude: number; longitude: number } | undefined>
  choosePictures(most: number): Promise<Chosen[]>
  chooseFiles(most: number): Promise<Chosen[]>
  openFile(url: string, name: string): Promise<void>
  /** Fetches a file and saves it, or opens it where nothing can be saved; what is no file is read, to be told. */
  takeFile(url: string, headers: Record<string, string>): Promise<{ status: number; body: unknown }>
  scan(): Promise<string | undefined>
  /** Shows what the address says when somebody changes it by hand. */
  watchAddress(): void
  readonly keep: Keep
  /** Sets the scale where no page carries it. */
  applyScale(scale: number): void
}
