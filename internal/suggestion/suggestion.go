// Package suggestion is the head of 微建议: how it is handed in and decided.
// Once it is dispatched, package handling has it.
//
// The states and clocks follow domain.md §3.1. No public text sets the days;
// they are defaults.
package suggestion

import (
	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/workflow"
)

// Kind is the name of this kind of matter.
const Kind matter.Kind = "suggestion"

// The faults of this kind.
var (
	ErrTitle = fault.New(fault.Invalid, "suggestion.title", "标题请写2到30字。")
	ErrBody  = fault.New(fault.Invalid, "suggestion.body", "建议内容请写10到500字：说清情况和您的建议。")
	ErrPlace = fault.New(fault.Invalid, "suggestion.place", "位置的经度和纬度需要一起填写。")
)

// The states of the head.
const (
	Submitted workflow.Status = "SUBMITTED"
	Accepted  workflow.Status = "ACCEPTED"
	Rejected  workflow.Status = "REJECTED"
)

// Suggestion is what this kind keeps beside the matter.
type Suggestion struct {
	MatterID      string `gorm:"primaryKey"`
	InstitutionID string
	Body          string
	Place         string
	Latitude      *float64
	Longitude     *float64
	Route         Route     // empty until accepted
	Rejection     Rejection // empty unless rejected
}

// Route is who leads the handling.
type Route string

// The routes.
const (
	ByCommittee   Route = "LEAD_BY_COMMITTEE"  // 专委会领办
	ByMember      Route = "LEAD_BY_MEMBER"     // 委员领办
	BySupervision Route = "SUPERVISION_OFFICE" // 督查室交办
	ByUnit        Route = "DIRECT_UNIT"        // 直接交承办单位
)

// Rejection is why a suggestion is not accepted.
type Rejection string

// The reasons (domain.md §3.1).
const (
	Secret     Rejection = "SECRET"     // 涉密
	Litigation Rejection = "LITIGATION" // 信访、涉诉、仲裁
	Personal   Rejection = "PERSONAL"   // 个人诉求、举报
	Personnel  Rejection = "PERSONNEL"  // 人事安排
	Commercial Rejection = "COMMERCIAL" // 商业推介
	Beyond     Rejection = "BEYOND"     // 超出本级事权
	Unclear    Rejection = "UNCLEAR"    // 内容不清
	Repeated   Rejection = "REPEATED"   // 重复
)

// SubmitInput is a suggestion as a member hands it in. Lengths are in
// characters, after trimming.
type SubmitInput struct {
	Title     string   `json:"title" minLength:"2" maxLength:"30" example:"修复人民路路灯" label:"标题" widget:"text" doc:"标题，2到30字"`
	Body      string   `json:"body" minLength:"10" maxLength:"500" example:"人民路中段有六盏路灯已坏两周，晚上行人不便，建议尽快修复并定期检查。" label:"内容" widget:"textarea" doc:"内容，10到500字：情况和建议"`
	Category  string   `json:"category" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"CITY" label:"类别" widget:"choice" options:"categories" doc:"类别"`
	Place     string   `json:"place,omitempty" maxLength:"100" example:"人民路中段" label:"地点" widget:"place" doc:"地点，可不填"`
	Latitude  *float64 `json:"latitude,omitempty" minimum:"-90" maximum:"90" example:"43.8" widget:"hidden" label:"纬度" doc:"纬度"`
	Longitude *float64 `json:"longitude,omitempty" minimum:"-180" maximum:"180" example:"87.6" widget:"hidden" label:"经度" doc:"经度"`
}

// SeenVersion is 0: what is handed in was not there before.
func (SubmitInput) SeenVersion() int64 { return 0 }

// GivenReason is empty.
func (SubmitInput) GivenReason() string { return "" }

// AcceptInput takes a suggestion up.
type AcceptInput struct {
	workflow.Seen
	Category string `json:"category,omitempty" enum:"CITY,TRAFFIC,EDUCATION,HEALTH,AGRICULTURE,ENVIRONMENT,LIVELIHOOD,CULTURE,ECONOMY,OTHER" example:"CITY" label:"类别" widget:"choice" options:"categories" doc:"确认后的类别，不填则不变"`
	Route    Route  `json:"route" enum:"LEAD_BY_COMMITTEE,LEAD_BY_MEMBER,SUPERVISION_OFFICE,DIRECT_UNIT" example:"DIRECT_UNIT" label:"办理方式" widget:"choice" options:"routes" doc:"办理方式"`
}

// RejectInput turns a suggestion down, with the reason in words and as a code.
type RejectInput struct {
	workflow.Reasoned
	Code Rejection `json:"code" enum:"SECRET,LITIGATION,PERSONAL,PERSONNEL,COMMERCIAL,BEYOND,UNCLEAR,REPEATED" example:"REPEATED" label:"不予受理的情形" widget:"choice" options:"rejections" doc:"不予受理的情形"`
}

// Flow is the life of a 微建议.
func Flow() workflow.Table {
	staff := []workflow.Party{member.InfoStaff, member.ProposalStaff}
	workingDays := func(n int) calendar.Span { return calendar.Span{Count: n, Unit: calendar.WorkingDay} }
	return workflow.Table{
		Name: string(Kind), Label: "微建议",
		States: append([]workflow.State{
			{Name: Submitted, Label: "待审核", Holder: member.InfoStaff, Clock: workflow.Clock{Kind: "review", Label: "审核", Span: workingDays(2)}},
			{Name: Accepted, Label: "已受理", Holder: member.ProposalStaff, Clock: workflow.Clock{Kind: "dispatch", Label: "转办", Span: workingDays(1)}},
			{Name: Rejected, Label: "不予受理"},
		}, handling.States()...),
		Rules: append([]workflow.Rule{
			{Action: "submit", Label: "提交", To: []workflow.Status{Submitted}, Who: []workflow.Party{member.Member}, Input: SubmitInput{}, Public: true},
			{
				Action: "accept", Label: "受理", From: []workflow.Status{Submitted}, To: []workflow.Status{Accepted},
				Who: staff, Input: AcceptInput{}, Public: true,
			},
			{
				Action: "reject", Label: "不予受理", From: []workflow.Status{Submitted}, To: []workflow.Status{Rejected},
				Who: staff, Input: RejectInput{}, Public: true,
			},
		}, handling.Rules(Accepted)...),
	}
}
