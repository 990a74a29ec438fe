// Package config reads the settings of the program into one typed value.
//
// Later sources win: the defaults, then a YAML file, then the environment.
// Nothing is ignored: a key or a YANLU_ name that this package does not know is
// an error, and Load reports every problem at once. config.example.yaml beside
// this file lists all keys with their defaults.
package config

import (
	"log/slog"
	"path/filepath"
	"strings"
	"time"
)

// Mode says what the settings are for.
type Mode int

// The modes of the program.
const (
	// Demo needs no settings: the database is a file, Redis is in the process
	// and WeChat is simulated. Its keys are printed in the source code.
	Demo Mode = iota + 1

	// Serve is for real use. It never falls back to a value of the demo.
	Serve
)

// Config is everything that the program can be told. The tag of a field is its
// key in YAML; nested keys are joined by dots in messages, and by underscores
// after YANLU_ in the environment (wechat.appid is YANLU_WECHAT_APPID).
//
// A Config prints without secrets, in whatever way it is printed.
type Config struct {
	Listen         string      `koanf:"listen"`          // host:port of the server
	PublicURL      string      `koanf:"public_url"`      // https address by which WeChat and telephones reach the server; empty: WeChat cannot
	TrustedProxies []string    `koanf:"trusted_proxies"` // networks (CIDR) whose X-Forwarded-For is believed
	Log            Log         `koanf:"log"`
	Database       Database    `koanf:"database"`
	Redis          Redis       `koanf:"redis"`
	Keys           Keys        `koanf:"keys"`
	WeChat         WeChat      `koanf:"wechat"`
	Session        Session     `koanf:"session"`
	Limits         Limits      `koanf:"limits"`
	Push           Push        `koanf:"push"`
	Jobs           Jobs        `koanf:"jobs"`
	Safety         Safety      `koanf:"safety"`
	Idempotency    Idempotency `koanf:"idempotency"`
	Files          Files       `koanf:"files"`
	HTTP           HTTP        `koanf:"http"`
}

// Log says what is written to the log, and how.
type Log struct {
	Level  slog.Level `koanf:"level"`  // debug, info, warn or error
	Format string     `koanf:"format"` // "text" or "json"
}

// Database says where the rows are kept.
type Database struct {
	URL          URL `koanf:"url"`            // "sqlite:PATH" or "postgres://…"
	MaxOpenConns int `koanf:"max_open_conns"` // of PostgreSQL, 1 to 1000
}

// Redis says where short-lived things are kept that processes share.
type Redis struct {
	URL URL `koanf:"url"` // redis://, rediss:// or unix://; empty for one inside the process
}

// Keys protect personal data in the database, and the audit. Losing the first two
// loses that data.
type Keys struct {
	Encryption Key `koanf:"encryption"` // of columns
	Lookup     Key `koanf:"lookup"`     // of the digests by which columns are searched
	Audit      Key `koanf:"audit"`      // of the chains by which a changed audit is found
}

// WeChat is the mini-program as the platform's console shows it.
type WeChat struct {
	AppID          string              `koanf:"appid"`
	Secret         Secret              `koanf:"secret"`
	CallbackToken  Secret              `koanf:"callback_token"`   // 3 to 32 letters and digits
	CallbackAESKey Secret              `koanf:"callback_aes_key"` // 43 letters and digits
	ProgramState   string              `koanf:"program_state"`    // version that a message opens: "formal", "trial" or "developer"
	BindPage       string              `koanf:"bind_page"`        // page that an invitation's code opens, without a leading slash
	Timeout        time.Duration       `koanf:"timeout"`          // of one call to the platform
	Templates      map[string]Template `koanf:"templates"`        // by the name of the event that is told
}

// Template is one subscribe-message template of the mini-program.
type Template struct {
	ID     string            `koanf:"id"`     // as the platform gave it
	Page   string            `koanf:"page"`   // page of the mini-program that the message opens, without a leading slash
	Fields map[string]string `koanf:"fields"` // field of the template ("thing1") to the value that it shows ("title")
}

// Session limits how long a login lasts.
type Session struct {
	Sliding  time.Duration `koanf:"sliding"`  // without a visit
	Absolute time.Duration `koanf:"absolute"` // in all; at least Sliding
}

// Limits are how often one may ask.
type Limits struct {
	RequestsPerMinute int `koanf:"requests_per_minute"` // of one account
	LoginPerHour      int `koanf:"login_per_hour"`      // from one address
	BindingPerHour    int `koanf:"binding_per_hour"`    // of one account
}

// Push says how waiting messages are sent.
type Push struct {
	Interval    time.Duration `koanf:"interval"`     // between two looks for waiting messages
	Batch       int           `koanf:"batch"`        // messages claimed at once
	Lease       time.Duration `koanf:"lease"`        // for which a claim holds; longer than one call to the platform
	MaxAttempts int           `koanf:"max_attempts"` // before a message is given up
}

// Files says where pictures and files are kept, and what is taken.
type Files struct {
	URL           URL           `koanf:"url"`            // "folder:PATH" or "s3://KEY:SECRET@HOST/BUCKET"; empty: FilesURL
	MaxPicture    int64         `koanf:"max_picture"`    // bytes of a picture as it comes
	MaxFile       int64         `koanf:"max_file"`       // bytes of a file
	MaxPixels     int           `koanf:"max_pixels"`     // of a picture as it comes; 16 bytes of memory each
	MaxSide       int           `koanf:"max_side"`       // pixels of the longer side of a picture as it is kept
	MaxWaiting    int           `koanf:"max_waiting"`    // uploads of one person that nothing refers to
	KeepWaiting   time.Duration `koanf:"keep_waiting"`   // before such an upload is deleted
	UploadTimeout time.Duration `koanf:"upload_timeout"` // for one upload, and for one download
	Link          time.Duration `koanf:"link"`           // for which a link to a picture or file holds, at most 15 minutes
}

// FilesURL is where files are kept: as told, or else in the folder "files"
// beside the file of SQLite, or in data/files.
func (c *Config) FilesURL() string {
	if !c.Files.URL.IsZero() {
		return c.Files.URL.Reveal()
	}
	if file, ok := strings.CutPrefix(c.Database.URL.Reveal(), sqlitePrefix); ok {
		return folderPrefix + filepath.Join(filepath.Dir(file), "files")
	}
	return folderPrefix + filepath.Join("data", "files")
}

// Jobs are the pauses between two rounds of the work that nobody waits for.
type Jobs struct {
	Tidy        time.Duration `koanf:"tidy"`        // deleting what is out of date
	Audit       time.Duration `koanf:"audit"`       // sealing the entries of the audit
	Check       time.Duration `koanf:"check"`       // the platform's look at what was handed in
	Undelivered time.Duration `koanf:"undelivered"` // listing what stayed unread too long
	Recount     time.Duration `koanf:"recount"`     // moving deadlines after a change of the holidays
	Remind      time.Duration `koanf:"remind"`      // reminding of what is due, and acting on what has run out
	Feedback    time.Duration `koanf:"feedback"`    // telling those below what became of what they handed up
}

// Safety says how what was handed in is looked at by the platform. Whether it is
// looked at at all, an institution sets for itself.
type Safety struct {
	Batch    int           `koanf:"batch"`    // checks claimed at once
	Lease    time.Duration `koanf:"lease"`    // for which a claim holds; over twice a call to the platform
	Patience time.Duration `koanf:"patience"` // after which staff are told that something is not checked
}

// Idempotency says how long answers are kept for a client that asks again.
type Idempotency struct {
	Keep time.Duration `koanf:"keep"`
}

// HTTP are the limits of the server, as in net/http.Server.
type HTTP struct {
	ReadTimeout       time.Duration `koanf:"read_timeout"`
	WriteTimeout      time.Duration `koanf:"write_timeout"`
	IdleTimeout       time.Duration `koanf:"idle_timeout"`
	ReadHeaderTimeout time.Duration `koanf:"read_header_timeout"` // at most ReadTimeout
	Shutdown          time.Duration `koanf:"shutdown"`            // for requests under way when the program stops
	MaxBody           int64         `koanf:"max_body"`            // bytes of one request body
}
