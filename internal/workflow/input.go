package workflow

import "reflect"

// Input is what an action takes. Seen and Reasoned implement it, so that
// embedding one of them is enough.
type Input interface {
	// SeenVersion is the version of the thing that the actor looked at.
	SeenVersion() int64
	// GivenReason is the reason of the actor, empty where none was due.
	GivenReason() string
	// OnPaper tells what was done on paper and is only recorded now, nil where
	// the actor acts in person.
	OnPaper() *Paper
}

// RecordWay is how the office learned of an act that it records for somebody.
type RecordWay string

// The ways.
const (
	ByPaper RecordWay = "PAPER" // 纸件
	ByPhone RecordWay = "PHONE" // 电话
)

// Label is the words for a record of this way, empty for an act in person.
func (w RecordWay) Label() string {
	return map[RecordWay]string{ByPaper: "纸件代录", ByPhone: "电话记录"}[w]
}

// Paper says that somebody acted on paper, or by telephone, and somebody else
// records it: who it was, and the date on the paper or of the call. Clocks and
// counts go by that date.
type Paper struct {
	PersonID string `json:"person_id,omitempty" maxLength:"36" example:"" label:"本人" widget:"person" hint:"是谁办的。不选的：提出人的事，是第一提出人；单位的事，是该单位。" doc:"纸件上的当事人；不填：提出人的事项为第一提出人，单位的事项为该单位"`
	Signer   string `json:"signer,omitempty" maxLength:"50" example:"张经办" label:"纸件署名" widget:"text" hint:"单位办理的，填纸上的署名" doc:"纸件上的署名，单位办理时填写"`
	Date     string `json:"date" format:"date" minLength:"10" maxLength:"10" example:"2026-03-02" label:"纸件日期" widget:"date" hint:"电话里说的，是通话那天" doc:"纸件上的日期，期限和统计以此为准"`
	// Way is ByPaper where it is empty.
	Way RecordWay `json:"way,omitempty" enum:"PAPER,PHONE" example:"PAPER" label:"记录方式" widget:"choice" options:"record_ways" hint:"不选为纸件" doc:"纸件或电话；不填为纸件"`
	// Scans are attachments of whoever records it.
	Scans []string `json:"scans,omitempty" maxItems:"9" format:"uuid" example:"[]" label:"扫描件" widget:"files" doc:"纸件的扫描件：照片或PDF，先上传再填写编号，最多9个"`
}

// Begun is the part of an action that brings a thing into being: there is no
// version to have seen. Nothing of it is recorded from paper, as of a draft,
// which is no act yet; New is for what may be.
type Begun struct{}

// SeenVersion returns 0: what comes into being was not there before.
func (Begun) SeenVersion() int64 { return 0 }

// GivenReason returns nothing: no reason was due.
func (Begun) GivenReason() string { return "" }

// OnPaper returns nil: there is no paper.
func (Begun) OnPaper() *Paper { return nil }

// New is Begun for what may be recorded from paper.
type New struct {
	Begun
	Paper *Paper `json:"paper,omitempty" label:"代录" widget:"paper" doc:"工作人员根据纸件代录时填写"`
}

// OnPaper returns the paper, nil where there is none.
func (n New) OnPaper() *Paper { return n.Paper }

// Seen is the part that every action has: the version that the actor saw, and
// the paper where the act is recorded from one. A move from another version is
// refused as stale.
type Seen struct {
	Version int64  `json:"version" minimum:"1" example:"1" doc:"您看到的版本号；他人先行处理后会要求刷新" label:"版本" widget:"hidden"`
	Paper   *Paper `json:"paper,omitempty" label:"代录" widget:"paper" doc:"工作人员根据纸件代录时填写"`
}

// SeenVersion returns the version that the actor looked at.
func (s Seen) SeenVersion() int64 { return s.Version }

// GivenReason returns nothing: no reason was due.
func (Seen) GivenReason() string { return "" }

// OnPaper returns the paper, nil where there is none.
func (s Seen) OnPaper() *Paper { return s.Paper }

// Reasoned is Seen for an action that ends or bounces a thing: 1–500 characters
// of reason are due.
type Reasoned struct {
	Seen
	Reason string `json:"reason" minLength:"1" maxLength:"500" example:"内容与已受理的建议重复，已告知本人。" doc:"理由，会告知当事人" label:"理由" widget:"textarea" phrases:"yes"`
}

// GivenReason returns the reason that the actor gave.
func (r Reasoned) GivenReason() string { return r.Reason }

// NeedsReason reports whether a reason is due for the action.
func (r Rule) NeedsReason() bool {
	if r.Input == nil {
		return false
	}
	_, ok := reflect.TypeOf(r.Input).FieldByName("Reason")
	return ok
}
