// Package member keeps the roster: the people of an institution, and the
// appointments that say what each may do, for which unit and how long.
//
// A person is a row of one institution. Who sits in two bodies has two rows,
// and neither body reaches the other's.
package member

import (
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/workflow"
)

// The faults of the roster.
var (
	ErrNotFound   = fault.New(fault.NotFound, "member.not_found", "没有找到这个人，可能已调离或不属于本单位。")
	ErrPhoneTaken = fault.New(fault.Conflict, "member.phone_taken", "本单位名册中已有人使用这个手机号，请核对。")
	ErrPhone      = fault.New(fault.Invalid, "member.phone", "手机号不正确，请填写11位手机号。")
	ErrSelf       = fault.New(fault.Conflict, "member.self", "不能停用自己的账号，请由其他管理员操作。")
)

// Role is what somebody is appointed to. Roles are parties of the workflows.
type Role = workflow.Party

// The roles of the default permission scheme (domain.md §4) that this
// installation knows.
const (
	Member          Role = "MEMBER"            // 委员
	InfoStaff       Role = "INFO_STAFF"        // 信息科
	ProposalStaff   Role = "PROPOSAL_STAFF"    // 提案委
	MemberWorkStaff Role = "MEMBER_WORK_STAFF" // 委员工作委
	ProposalChair   Role = "PROPOSAL_CHAIR"    // 提案委主任
	Leader          Role = "LEADER"            // 主席, 副主席, 秘书长
	UnitHandler     Role = "UNIT_HANDLER"      // 承办单位经办人
	UnitLeader      Role = "UNIT_LEADER"       // 承办单位负责人
	Liaison         Role = "STUDIO_LIAISON"    // 工作室联络员, who hands in for members
	InfoOfficer     Role = "INFO_OFFICER"      // 信息员, who reports 社情民意
	CommitteeStaff  Role = "COMMITTEE_STAFF"   // 专委会工作人员, of one committee
	GovOffice       Role = "GOV_OFFICE"        // 政府办, 督查室
	Translator      Role = "TRANSLATOR"        // 翻译
	PlatformAdmin   Role = "PLATFORM_ADMIN"    // 政协云信息中心
)

// Roles lists every role with what people call it.
func Roles() map[Role]string {
	return map[Role]string{
		Member: "委员", InfoStaff: "信息科", ProposalStaff: "提案委", MemberWorkStaff: "委员工作委", ProposalChair: "提案委主任",
		InfoOfficer: "信息员", CommitteeStaff: "专委会", GovOffice: "政府办", Translator: "翻译",
		Leader: "领导", Liaison: "联络员", UnitHandler: "承办单位经办人", UnitLeader: "承办单位负责人", PlatformAdmin: "平台管理员",
	}
}

// staffRoles are the roles that a small office's staff share.
var staffRoles = []Role{InfoStaff, ProposalStaff, MemberWorkStaff, ProposalChair}

// helperRoles are held apart, and bring nothing else; but where an office is small,
// its staff also do what these do.
var helperRoles = []Role{Translator}

// unitRoles are the roles that are held for a unit: by them one does what is the
// unit's, hands in for it and has what waits for it. A committee's staff do so for
// their committee (domain.md §3).
var unitRoles = []Role{UnitHandler, UnitLeader, CommitteeStaff}

// Person is a row of a roster.
type Person struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	Name          string // 1–50 characters, any script
	PhoneSealed   []byte
	PhoneDigest   *string
	Position      string  // 职务: "秘书长"; may be empty
	Sector        string  // 界别; empty for who is no member
	GroupName     string  // 联络组, 学习小组
	TermID        *string // the term (届) of the newest appointment as a member
	StrokeKey     []byte  // by which names are in the order of 姓氏笔画
	RankOrder     int     // place of the 职务 in the order of the institution
	SectorOrder   int     // place of the sector in the order of the institution
	SuspendedAt   *time.Time
	Version       int64
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Term is one term (届) of an institution.
type Term struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	Ordinal       int // 11 for 第十一届
	Begins        calendar.Day
	Ends          calendar.Day
	Version       int64
}

// Appointment gives a person a role, and where it is a unit's role, the unit,
// from a day until a day (both included; the zero End is open).
type Appointment struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	PersonID      string
	Role          Role
	UnitID        *string
	TermID        *string // of a member's
	Begins        calendar.Day
	Ends          calendar.Day // before Begins where it was taken back
	Version       int64
	CreatedAt     time.Time
}

// Actor is who acts: an account, the roster row that it is bound to, and the
// appointments that row holds today.
type Actor struct {
	AccountID     string
	PersonID      string
	Name          string
	Sector        string
	GroupName     string
	Term          int // ordinal of the term, 0 for none
	InstitutionID string
	Profile       institution.Profile
	Held          []Held
	Suspended     bool // had been, before the day for which Actors was asked
}

// Held is one appointment of an actor.
type Held struct {
	Role   Role
	UnitID string // empty where the role is not a unit's
}

// Roles returns the roles that the actor holds, sorted. In a small office each
// staff role brings all of them, and those of the helpers.
func (a Actor) Roles() []Role {
	var roles []Role
	for _, h := range a.Held {
		roles = append(roles, h.Role)
		if a.Profile == institution.SmallOffice && slices.Contains(staffRoles, h.Role) {
			roles = slices.Concat(roles, staffRoles, helperRoles)
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// Is reports whether the actor holds a role.
func (a Actor) Is(role Role) bool { return slices.Contains(a.Roles(), role) }

// IsAny reports whether the actor holds one of the roles.
func (a Actor) IsAny(roles ...Role) bool { return slices.ContainsFunc(roles, a.Is) }

// Staff reports whether the actor works in the institution's office.
func (a Actor) Staff() bool { return a.IsAny(staffRoles...) }

// Units returns the units for which the actor handles or leads.
func (a Actor) Units() []string {
	var units []string
	for _, h := range a.Held {
		if slices.Contains(unitRoles, h.Role) && h.UnitID != "" {
			units = append(units, h.UnitID)
		}
	}
	slices.Sort(units)
	return slices.Compact(units)
}
