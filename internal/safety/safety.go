// Package safety has what members hand in looked at by the platform's content
// check: texts in pieces, pictures by their address.
//
// A machine marks, staff decide. No verdict refuses, delays or hides from staff
// what somebody handed in; only a picture that is called risky is held back
// from others until staff have looked. Where the platform is silent, or the
// person was not in the mini-program for two hours, the matter goes on and the
// check comes later: by itself, at the person's next visit, or by a human.
//
// What may be checked is said by the institution for each kind of matter. The
// texts of the others go to no outside service.
package safety

import (
	"context"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// The faults of deciding.
var (
	ErrNotFound = fault.New(fault.NotFound, "safety.not_found", "没有找到这条内容检查记录，可能已经不需要处理。")
	ErrStale    = fault.New(fault.Conflict, "safety.stale", "这条记录刚刚有了新的结果，请刷新后再决定。")
	ErrDecided  = fault.New(fault.Conflict, "safety.decided", "这条记录已经是这个决定，不用再提交。")
)

// State is where a check stands.
type State string

// The states of a check. Those from Marked on are staff's.
const (
	Queued    State = "QUEUED"    // to be sent
	Absent    State = "ABSENT"    // to be sent when the person is seen again
	Sent      State = "SENT"      // a picture: the platform tells its verdict later
	Passed    State = "PASSED"    // the platform has no objection
	Replaced  State = "REPLACED"  // another text was handed in for this one
	Marked    State = "MARKED"    // the platform has one, and staff have not decided
	Unchecked State = "UNCHECKED" // there is no verdict, and staff have not decided
	Cleared   State = "CLEARED"   // staff: it may stand
	Held      State = "HELD"      // staff: it is kept from others
)

// Suggest is what the platform advises.
type Suggest string

// The advices.
const (
	Pass   Suggest = "pass"
	Review Suggest = "review"
	Risky  Suggest = "risky"
)

// Check is one text or one picture that was handed in.
type Check struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	Kind          string // of the matter
	MatterID      string
	AttachmentID  *string // the picture; nil: the matter's text
	AccountID     string  // whose telephone handed it in
	State         State
	Suggest       Suggest // empty without a verdict
	Label         int     // the platform's reason, see LabelText
	TraceID       string  // by which the platform knows its verdict
	ErrorCode     int     // the platform's, of the last try
	Attempts      int
	Version       int64
	NextAt        time.Time // of the next try
	GivesUpAt     time.Time // when it goes to staff without a verdict
	CreatedAt     time.Time
	DoneAt        *time.Time // when the verdict came, or was given up
}

// Decision is what staff decided of a check, and why. A later one counts; none
// is taken away.
type Decision struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	CheckID       string
	Decided       State // Cleared or Held
	Reason        string
	PersonID      string
	PersonName    string
	At            time.Time
}

// TableName names the table.
func (Decision) TableName() string { return "check_decisions" }

// Trace joins a picture that was sent to the verdict on it, whichever of the two
// is known first.
type Trace struct {
	TraceID   string  `gorm:"primaryKey"`
	CheckID   *string // nil: the verdict came before the answer to our call
	Told      bool    // whether the verdict is there
	Suggest   Suggest
	Label     int
	ErrorCode int
	At        time.Time
}

// TableName names the table.
func (Trace) TableName() string { return "media_traces" }

// Text is what the platform is asked about.
type Text struct{ Title, Body string }

// Source is a kind of matter whose texts and pictures may be checked.
type Source struct {
	Kind  string // "suggestion"
	Label string // "微建议"
	// Default says whether they are checked until an institution sets otherwise.
	Default bool
	// Texts reads the texts of some matters of this kind as they are now, by
	// matter. One that is gone is absent.
	Texts func(ctx context.Context, c store.Conn, matterIDs []string) (map[string]Text, error)
}

// labels are the platform's reasons (msg_sec_check, media_check_async).
var labels = map[int]string{
	100: "正常", 10001: "广告", 20001: "时政", 20002: "色情", 20003: "辱骂", 20006: "违法犯罪",
	20008: "欺诈", 20012: "低俗", 20013: "版权", 21000: "其他",
}

// LabelText is a reason of the platform in words; one that is new to us is 其他.
func LabelText(label int) string {
	if t, ok := labels[label]; ok {
		return t
	}
	return labels[21000]
}

// NotHeld is the condition, on the table matters, that staff have not held the
// matter's text back from those who did not write it or work on it.
const NotHeld = `NOT EXISTS (SELECT 1 FROM checks WHERE checks.matter_id = matters.id AND checks.state = 'HELD' AND checks.attachment_id IS NULL)`
