// Package suggestion is the head of 微建议: how it is handed in and decided.
// Once it is dispatched, package handling has it.
//
// The states and clocks follow domain.md §3.1. No public text sets the days;
// they are defaults.
package suggestion

import (
	"slices"

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
	ErrTitle  = fault.New(fault.Invalid, "suggestion.title", "标题请写2到30字。")
	ErrBody   = fault.New(fault.Invalid, "suggestion.body", "建议内容请写10到500字：说清情况和您的建议。")
	ErrPlace  = fault.New(fault.Invalid, "suggestion.place", "位置的经度和纬度需要一起填写。")
	ErrLeader = fault.New(fault.Invalid, "suggestion.leader", "请按办理方式选择由谁领办：委员领办选委员，专委会、督查室、镇街领办选相应的单位；直接交办不用选。")
)

// The states of the head.
const (
	Submitted workflow.Status = "SUBMITTED"
	Returned  workflow.Status = "RETURNED"
	Accepted  workflow.Status = "ACCEPTED"
	Rejected  workflow.Status = "REJECTED"
	Withdrawn workflow.Status = "WITHDRAWN"
	Escalated workflow.Status = "ESCALATED"
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
	ProposedJSON  string    // units that were proposed when it was accepted, the lead first; "[]": none
	Rejection     Rejection // empty unless rejected
	Channel       Channel   // where else to turn to; empty unless rejected, and perhaps then
	EscalatedTo   string    // empty unless escalated
}

// Route is who leads the handling.
type Route string

// The routes.
const (
	ByCommittee   Route = "LEAD_BY_COMMITTEE"  // 专委会领办
	ByMember      Route = "LEAD_BY_MEMBER"     // 委员领办
	BySupervision Route = "SUPERVISION_OFFICE" // 督查室交办
	ByUnit        Route = "DIRECT_UNIT"        // 直接交承办单位
	ByTown        Route = "TOWN"               // 镇区工委、联络室就地办理
)

// LedWay is what whoever leads the handling does (领办).
type LedWay string

// The ways.
const (
	LedVisit        LedWay = "VISIT"        // 走访
	LedResearch     LedWay = "RESEARCH"     // 调研
	LedDeliberation LedWay = "DELIBERATION" // 微协商
	LedOversight    LedWay = "OVERSIGHT"    // 微监督
)

// words is what people call a way of leading.
func (w LedWay) words() string {
	return map[LedWay]string{LedVisit: "走访", LedResearch: "调研", LedDeliberation: "微协商", LedOversight: "微监督"}[w]
}

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

// Channel is where somebody may turn to whose suggestion is not accepted.
type Channel string

// The channels.
const (
	Petition   Channel = "PETITION"   // 信访部门
	Hotline    Channel = "HOTLINE"    // 12345政务服务热线
	Police     Channel = "POLICE"     // 110报警
	Discipline Channel = "DISCIPLINE" // 纪检监察举报
	Court      Channel = "COURT"      // 人民法院、仲裁机构
	UpperBody  Channel = "UPPER_BODY" // 上级政协
	Department Channel = "DEPARTMENT" // 直接找主管部门
)

// words tells somebody where to turn to.
func (c Channel) words() string {
	return map[Channel]string{
		Petition: "这类事项可以向信访部门反映。", Hotline: "这类事项可以拨打12345政务服务热线。", Police: "紧急情况请拨打110。",
		Discipline: "这类情况请向纪检监察机关反映（12388）。", Court: "这类事项请通过人民法院或仲裁机构解决。",
		UpperBody: "这类事项可以向上级政协提出。", Department: "这类事项可以直接向主管部门反映。",
	}[c]
}

// The clocks of the head.
var (
	reviewClock   = workflow.Clock{Kind: "review", Label: "审核", Span: calendar.WorkingDays(2)}
	editClock     = workflow.Clock{Kind: "edit", Label: "修改后重新提交", Waits: "待修改", Span: calendar.WorkingDays(5), Public: true, Then: "expire"}
	dispatchClock = workflow.Clock{Kind: "dispatch", Label: "转办", Span: calendar.WorkingDays(1)}
	upstreamClock = workflow.Clock{Kind: "upstream", Label: "了解上级办理结果", Waits: "待上级答复", Span: calendar.Days(30)}
)

// mergeInto lists the states in which a suggestion takes others in.
func mergeInto() []workflow.Status { return []workflow.Status{Submitted, Accepted, handling.Handling} }

// unmergeFrom lists the states in which what it took in may go again.
func unmergeFrom() []workflow.Status {
	return append(mergeInto(), Returned, Rejected, Withdrawn, Escalated)
}

// Flow is the life of a 微建议.
func Flow() workflow.Table {
	office := []workflow.Party{member.InfoStaff, member.ProposalStaff}
	first := []workflow.Party{matter.FirstAuthor, matter.OnBehalf}
	is := func(s ...workflow.Status) []workflow.Status { return s }
	rules := []workflow.Rule{
		{Action: "submit", Label: "提交", To: is(Submitted), Who: []workflow.Party{member.Member}, Input: SubmitInput{}, Audience: workflow.Everyone},
		{Action: "draft", Label: "存为草稿", To: is(matter.Draft), Who: []workflow.Party{member.Member}, Input: DraftInput{}, Audience: workflow.Everyone},
		{Action: "save", Label: "保存草稿", From: is(matter.Draft), To: is(matter.Draft), Who: first, Input: SaveInput{}, Silent: true},
		{Action: "send", Label: "提交", From: is(matter.Draft, Returned), To: is(Submitted), Who: first, Input: SendInput{}, Usual: true, Audience: workflow.Everyone},
		{Action: "accept", Label: "受理", From: is(Submitted), To: is(Accepted), Who: office, Input: AcceptInput{}, Usual: true, Then: "dispatch", Audience: workflow.Everyone, Bulk: true},
		{Action: "return", Label: "退回修改", From: is(Submitted), To: is(Returned), Who: office, Input: ReturnInput{}, Audience: workflow.Everyone},
		{Action: "reject", Label: "不予受理", From: is(Submitted), To: is(Rejected), Who: office, Input: RejectInput{}, Audience: workflow.Everyone, Bulk: true},
		{
			Action: "withdraw", Label: "撤回", From: is(matter.Draft, Submitted, Returned, Accepted), To: is(Withdrawn),
			Who: first, Input: matter.WithdrawInput{}, Audience: workflow.Everyone,
		},
		{Action: "expire", Label: "逾期未修改，自动撤回", From: is(Returned), To: is(Withdrawn), Audience: workflow.Everyone},
		{Action: "escalate", Label: "上报", From: is(Accepted), To: is(Escalated), Who: office, Input: EscalateInput{}, Audience: workflow.Everyone},
		{Action: "conclude", Label: "登记上级答复", From: is(Escalated), To: is(handling.Closed), Who: office, Input: ConcludeInput{}, Usual: true, Audience: workflow.Everyone},
	}
	rules = append(rules, matter.ClassifyRule(is(Submitted, Accepted, handling.Handling, handling.Replied), office))
	rules = append(rules, workflow.Rule{
		Action: "log_led", Label: "登记领办活动", From: is(Accepted, handling.Handling), Who: append(slices.Clone(office), matter.Leading), Input: LedInput{}, Audience: workflow.Everyone,
	})
	rules = append(rules, matter.MergeRules(is(Submitted, Accepted), office)...)
	rules = append(rules, matter.ConvertRules(is(Submitted, Accepted), office)...)
	rules = append(rules, handling.Rules(Accepted, handling.Usual())...)
	rules = append(rules, matter.SharedRules(is(Submitted, Returned, Accepted, Escalated, handling.Handling, handling.Replied, handling.Unsatisfied), office)...)
	return workflow.Table{
		Name: string(Kind), Label: "微建议", Rules: rules,
		States: append([]workflow.State{
			{Name: matter.Draft, Label: "草稿"},
			{Name: Submitted, Label: "待审核", Holder: member.InfoStaff, Clock: reviewClock},
			{Name: Returned, Label: "待修改", Holder: matter.FirstAuthor, Clock: editClock},
			{Name: Accepted, Label: "已受理", Holder: member.ProposalStaff, Clock: dispatchClock},
			{Name: Rejected, Label: "不予受理"},
			{Name: matter.Merged, Label: "已并案"},
			{Name: matter.Converted, Label: "已转为其他类别"},
			{Name: Withdrawn, Label: "已撤回"},
			{Name: Escalated, Label: "已上报", Holder: member.ProposalStaff, Clock: upstreamClock},
		}, handling.States(handling.Usual())...),
	}
}
