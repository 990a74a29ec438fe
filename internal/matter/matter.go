// Package matter keeps what every kind of matter shares: the record, its
// authors, its timeline, the guarded move from state to state, the deadlines,
// and the rows that say whose turn it is.
//
// A kind (微建议, 社情民意, 提案) brings a Head: its table of states and actions,
// and what each of its own actions does. Everything else happens here, in one
// transaction, the same for all.
package matter

import (
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/workflow"
)

// The faults that every kind shares.
var (
	ErrNotFound       = fault.New(fault.NotFound, "matter.not_found", "没有找到这件事项，可能已被合并，或您无权查看。")
	ErrNotYours       = fault.New(fault.Forbidden, "matter.not_yours", "您不能做这项操作。如需办理，请联系政协工作人员。")
	ErrNotNow         = fault.New(fault.Conflict, "matter.not_now", "这件事项目前的状态不能做这项操作，请刷新后再看。")
	ErrPaper          = fault.New(fault.Invalid, "matter.paper", "代录的内容不完整：请核对纸件上的日期和当事人。日期不能晚于今天，也不能早于这件事项提交的那一天。")
	ErrPaperSuspended = fault.New(fault.Invalid, "matter.paper_suspended", "纸件日期之前，这位当事人的账号已经停用，不能代录。请先在名册中核对。")
	ErrNotLate        = fault.New(fault.Conflict, "matter.not_late", "时间还没有到，到期以后才能这样办理。")
	ErrStale          = fault.New(fault.Conflict, "matter.stale", "这件事项刚刚被他人处理过，请刷新后再操作。")
)

// Kind names a kind of matter: "suggestion".
type Kind string

// Visibility says who sees a matter beside those who work on it.
type Visibility string

// The visibilities.
const (
	Parties Visibility = "PARTIES" // authors, staff, leaders, the units that handle it
	Members Visibility = "MEMBERS" // every member of the institution as well
)

// The parties that relate to a matter itself.
const (
	FirstAuthor workflow.Party = "FIRST_AUTHOR" // 第一提案人, who handed it in
	AnyAuthor   workflow.Party = "AUTHOR"       // any author who agreed to be one
	Invited     workflow.Party = "INVITED"      // who was named as a co-author and has not answered
	OnBehalf    workflow.Party = "ON_BEHALF"    // the liaison who handed it in for its first author
	Leading     workflow.Party = "LEADING"      // 领办: the member, or the unit, that leads the handling
)

// Matter is the record that all kinds share; a kind keeps the rest in a table
// of its own.
type Matter struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	Kind          Kind
	Number        *string // given when it is accepted or filed; never taken back
	Title         string
	Status        workflow.Status
	Category      string
	Urgent        bool // 加急: before all others in whoever's queue it is
	Visibility    Visibility
	Source        Source
	AssigneeID    *string // the colleague of the office who has it in hand; nil: whoever comes first
	LedBy         *string // the member who leads the handling (领办)
	LedByUnit     *string // the committee, office or town that leads it
	OriginID      *string // what it was converted or handed up from
	MergedInto    *string
	Version       int64
	Round         int // of handling: 0 before the first dispatch
	SubmittedAt   time.Time
	ClosedAt      *time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Leads reports whether an actor leads the handling of the matter.
func (m Matter) Leads(a member.Actor) bool {
	return m.LedBy != nil && *m.LedBy == a.PersonID || m.LedByUnit != nil && slices.Contains(a.Units(), *m.LedByUnit)
}

// Source is how a matter came in.
type Source string

// The sources.
const (
	FromApp   Source = "APP"
	FromPaper Source = "PAPER" // recorded by staff
)

// Draft is the state, of every kind, in which nobody but its authors sees a
// matter: it has not been handed in.
const Draft workflow.Status = "DRAFT"

// Author is one author of a matter, with what was true of them when it was
// handed in: a person, or a body with the person who handed in for it, who is
// told and rates. A lower institution has nobody here: what is decided goes down
// to it by the origin of the matter. Authors are never lost: not by merging, not
// by converting.
type Author struct {
	MatterID      string `gorm:"primaryKey"`
	Ordinal       int    `gorm:"primaryKey;autoIncrement:false"` // 1 is the first
	InstitutionID string
	Role          AuthorRole
	PersonID      *string // nil: the body has nobody in this institution
	BodyKind      BodyKind
	BodyUnitID    *string // where the body is a unit of the institution
	BodyName      string  // empty: the person is the author
	Consent       Consent
	OwnConsent    *Consent // what they said to this matter themselves, where a merge brought their consent
	OnBehalfBy    *string  // the liaison who handed it in for the author
	ViaMatterID   *string  // the matter that was merged into this one and brought the author
	Name          string   // of the person; may be empty where a body has none here
	Sector        string
	GroupName     string
	Term          int
}

// AuthorRole tells the first author from the others.
type AuthorRole string

// The roles of authors.
const (
	First AuthorRole = "FIRST"
	Co    AuthorRole = "CO"
)

// Consent is whether a co-author agreed to be one.
type Consent string

// The states of consent.
const (
	Given    Consent = "GIVEN"
	Asked    Consent = "ASKED"
	Declined Consent = "DECLINED"
	Named    Consent = "NAMED" // in a draft: not asked yet
)

// Event is one line of a matter's timeline. Lines are only ever added.
type Event struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	MatterID      string
	AssignmentID  *string
	Action        string
	Label         string
	FromStatus    workflow.Status
	ToStatus      workflow.Status
	ActorID       *string // who did it; nil: the system, or a unit on paper
	ActorName     string
	TypedBy       *string            // who entered it; differs where it was recorded from paper
	TypedName     string             // empty unless it differs
	Way           workflow.RecordWay // how who typed it learned of it; empty: it was done in person
	Audience      workflow.Audience
	Comment       string
	ActedAt       time.Time // when it was done; on paper, the date of the paper
	RecordedAt    time.Time
}

// Deadline is one period that runs. The count and the unit stay beside the
// date, so that it can be computed again when the holidays change.
type Deadline struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	MatterID      string
	AssignmentID  *string
	Kind          string
	Label         string
	Public        bool // authors see it
	Count         int
	Unit          calendar.Unit
	StartedAt     time.Time
	DueAt         time.Time
	MetAt         *time.Time
	RemindAt      *time.Time // when it is looked at next for a reminder; nil: never
	ThenAt        *time.Time // when the system acts on it; nil: never
}

// Waiting says whose turn it is: a role of the institution, a unit or a person.
type Waiting struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	Holder        string
	Step          string // kind of the clock that runs: "review"
	Label         string // what is waited for: "审核"
	MatterID      string
	AssignmentID  *string
	Rank          Rank
	DueAt         time.Time
}

// Rank is where a row stands in a queue before its due date is looked at.
type Rank int

// The ranks.
const (
	Urgent   Rank = 0
	Ordinary Rank = 1
)

// rank is where the matter stands in every queue.
func (m Matter) rank() Rank {
	if m.Urgent {
		return Urgent
	}
	return Ordinary
}

// TableName names the table.
func (Waiting) TableName() string { return "waiting" }

// RoleHolder gives the holder that stands for a role of the institution.
func RoleHolder(role workflow.Party) string { return "role:" + string(role) }

// UnitHolder gives the holder that stands for a unit.
func UnitHolder(unitID string) string { return "unit:" + unitID }

// PersonHolder gives the holder that stands for a person.
func PersonHolder(personID string) string { return "person:" + personID }
