// Package opinion is the head of 社情民意: how a report is handed in, registered,
// verified, edited, signed off and reported, and what came of it. Once it is
// turned over to units, package handling has it.
//
// The steps and clocks follow domain.md §3.2. Where no public rule sets the days,
// they are defaults. Reports are internal: whoever handles one sees it, no list
// shows it to others, and nothing of it goes to a service outside.
package opinion

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
const Kind matter.Kind = "opinion"

// The faults of this kind.
var (
	ErrTitle  = fault.New(fault.Invalid, "opinion.title", "标题请写2到50字。")
	ErrText   = fault.New(fault.Invalid, "opinion.text", "情况、分析、建议三部分都要写，合起来30到1500字。一件只反映一件事。")
	ErrSecret = fault.New(fault.Invalid, "opinion.secret",
		"涉密内容不能在这里提交，刚才写的内容没有保存。请您写在纸上，当面交给政协办公室的保密工作人员，或按本单位的机要渠道报送。感谢您的理解。")
	ErrFull      = fault.New(fault.Conflict, "opinion.full", "这件社情民意的记录已经太多，不能再加。")
	ErrUrgency   = fault.New(fault.Invalid, "opinion.urgency", "这一件的急缓本来就是这样，不用调整。")
	ErrCommittee = fault.New(fault.Invalid, "opinion.committee", "没有找到这个专委会，请从列表中重新选择；由办公室自己核实的不用选。")
)

// The states of the head.
const (
	Submitted   workflow.Status = "SUBMITTED"
	Returned    workflow.Status = "RETURNED"
	Registered  workflow.Status = "REGISTERED"
	KeptOnFile  workflow.Status = "KEPT_ON_FILE"
	Verifying   workflow.Status = "VERIFYING"
	Editing     workflow.Status = "EDITING"
	PendingSign workflow.Status = "PENDING_SIGN"
	Signed      workflow.Status = "SIGNED"
	Dispatched  workflow.Status = "DISPATCHED"
	Archived    workflow.Status = "ARCHIVED"
	Withdrawn   workflow.Status = "WITHDRAWN"
)

// Confidentiality is how a report is to be treated.
type Confidentiality string

// The degrees. What is secret by law is not taken in at all: it has its own
// channels, and this is none.
const (
	Public   Confidentiality = "PUBLIC"   // 可公开
	Internal Confidentiality = "INTERNAL" // 内部
	Secret   Confidentiality = "SECRET"   // 涉密
)

// Urgency is whether something can wait (急事急报).
type Urgency string

// The urgencies.
const (
	Normal Urgency = "NORMAL" // 一般
	Urgent Urgency = "URGENT" // 急
)

// IssueType is the form in which a report is issued.
type IssueType string

// The forms.
const (
	Single    IssueType = "SINGLE"    // 单篇
	Composite IssueType = "COMPOSITE" // 综合
	Special   IssueType = "SPECIAL"   // 专报
)

// Opinion is what this kind keeps beside the matter. What it says stands in its
// versions.
type Opinion struct {
	MatterID        string `gorm:"primaryKey"`
	InstitutionID   string
	Confidentiality Confidentiality
	IssueType       IssueType // empty until it is edited or sent for sign-off
	IssueNo         string    // empty until it is signed, unless the editor gave it before
	SignedBy        string    // the leader's name; empty until signed
	Result          string    // the final result; empty until closed by the office
}

// The clocks of the head. Registering takes 3 working days, and 4 hours where it
// is urgent; mending, verifying and editing 5 working days; signing 2 (domain.md
// §3.2). The others, and the hours of what is urgent after it was registered, are
// defaults of this installation.
var (
	registerClock = workflow.Clock{Kind: "register", Label: "登记", Span: calendar.WorkingDays(3), Urgent: calendar.Hours(4)}
	mendClock     = workflow.Clock{Kind: "mend", Label: "补充后重新提交", Waits: "待补充", Span: calendar.WorkingDays(5), Urgent: calendar.Hours(24), Public: true}
	sortClock     = workflow.Clock{Kind: "sort_out", Label: "研判", Span: calendar.WorkingDays(3), Urgent: calendar.Hours(8)}
	verifyClock   = workflow.Clock{Kind: "verify", Label: "调查核实", Waits: "待核实", Span: calendar.WorkingDays(5), Urgent: calendar.Hours(24)}
	editingClock  = workflow.Clock{Kind: "editing", Label: "编辑", Span: calendar.WorkingDays(5), Urgent: calendar.Hours(8)}
	signOffClock  = workflow.Clock{Kind: "sign_off", Label: "审签", Span: calendar.WorkingDays(2), Urgent: calendar.Hours(4)}
	reportClock   = workflow.Clock{Kind: "report", Label: "报送", Span: calendar.WorkingDays(1), Urgent: calendar.Hours(4)}
	followClock   = workflow.Clock{Kind: "follow", Label: "了解采用情况", Waits: "待反馈", Span: calendar.Days(60)}
)

// mergeInto lists the states in which a report takes others in: until it is sent
// for sign-off.
func mergeInto() []workflow.Status { return []workflow.Status{Registered, Verifying, Editing} }

// unmergeFrom lists the states in which what it took in may go again: until it is
// reported.
func unmergeFrom() []workflow.Status {
	return append(mergeInto(), PendingSign, Signed, Returned, KeptOnFile, Withdrawn)
}

// reported lists the states in which a report is with others, and what comes of it
// may be recorded: an adoption is often heard of when all else has ended.
func reported() []workflow.Status {
	return []workflow.Status{Dispatched, handling.Handling, handling.Replied, handling.Unsatisfied, handling.Closed, Archived}
}

// open lists the states in which a report goes on.
func open() []workflow.Status {
	return []workflow.Status{
		Submitted, Returned, Registered, Verifying, Editing, PendingSign, Signed, Dispatched, handling.Handling, handling.Replied, handling.Unsatisfied,
	}
}

// Flow is the life of a 社情民意.
func Flow() workflow.Table {
	info, leader := []workflow.Party{member.InfoStaff}, []workflow.Party{member.Leader}
	rules := slices.Concat(handRules(), officeRules(info), signRules(info, leader), factRules(info))
	rules = append(rules, matter.MergeRules([]workflow.Status{Registered, KeptOnFile, Editing}, info)...)
	// What became of it above is recorded as adoptions and receipts, and not booked.
	rules = append(rules, matter.HandUpRules(is(Signed, Dispatched), is(Dispatched), reported(), info)[0])
	rules = append(rules, matter.ConvertRules([]workflow.Status{Submitted, Registered, KeptOnFile}, info)...)
	rules = append(rules, handling.Rules(Dispatched, terms())...)
	rules = append(rules, matter.SharedRules(open(), []workflow.Party{member.InfoStaff, member.ProposalStaff})...)
	return workflow.Table{
		Name: string(Kind), Label: "社情民意", Rules: rules,
		States: append([]workflow.State{
			{Name: matter.Draft, Label: "草稿"},
			{Name: Submitted, Label: "待登记", Holder: member.InfoStaff, Clock: registerClock},
			{Name: Returned, Label: "待补充", Holder: matter.FirstAuthor, Clock: mendClock},
			{Name: Registered, Label: "已登记", Holder: member.InfoStaff, Clock: sortClock},
			{Name: KeptOnFile, Label: "已留存", Done: true},
			{Name: matter.Merged, Label: "已并案"},
			{Name: matter.Converted, Label: "已转为其他类别"},
			{Name: Withdrawn, Label: "已撤回"},
			{Name: Verifying, Label: "核实中", Holder: member.InfoStaff, Or: matter.Leading, Clock: verifyClock},
			{Name: Editing, Label: "编辑中", Holder: member.InfoStaff, Clock: editingClock},
			{Name: PendingSign, Label: "待审签", Holder: member.Leader, Clock: signOffClock},
			{Name: Signed, Label: "已签发", Holder: member.InfoStaff, Clock: reportClock},
			{Name: Dispatched, Label: "已报送", Holder: member.InfoStaff, Clock: followClock},
			{Name: Archived, Label: "已归档"},
		}, handling.States(terms())...),
	}
}

// terms are those of 微建议, with 15 working days to answer (domain.md §3.2, a
// default).
func terms() handling.Terms {
	t := handling.Usual()
	t.Reply = calendar.WorkingDays(15)
	return t
}

func is(s ...workflow.Status) []workflow.Status { return s }

// handRules are the actions of those who hand a report in.
func handRules() []workflow.Rule {
	hands, first := append(slices.Clone(own), matter.ForBody), []workflow.Party{matter.FirstAuthor, matter.OnBehalf}
	return []workflow.Rule{
		{Action: "submit", Label: "提交", To: is(Submitted), Who: hands, Input: SubmitInput{}, Audience: workflow.Everyone},
		{Action: "draft", Label: "存为草稿", To: is(matter.Draft), Who: hands, Input: DraftInput{}, Audience: workflow.Everyone},
		{Action: "save", Label: "保存草稿", From: is(matter.Draft), To: is(matter.Draft), Who: first, Input: SaveInput{}, Silent: true},
		{Action: "send", Label: "提交", From: is(matter.Draft, Returned), To: is(Submitted), Who: first, Input: SendInput{}, Usual: true, Audience: workflow.Everyone},
		{
			Action: "withdraw", Label: "撤回", From: is(matter.Draft, Submitted, Returned, Registered), To: is(Withdrawn),
			Who: first, Input: matter.WithdrawInput{}, Audience: workflow.Everyone,
		},
	}
}

// officeRules are the actions of the office (信息科) up to the edited text, and
// those at the end.
func officeRules(info []workflow.Party) []workflow.Rule {
	hurried := is(Submitted, Returned, Registered, Verifying, Editing, PendingSign, Signed)
	return []workflow.Rule{
		{Action: "register", Label: "登记", From: is(Submitted), To: is(Registered), Who: info, Input: RegisterInput{}, Usual: true, Audience: workflow.Everyone, Bulk: true},
		{Action: "return", Label: "退回补充", From: is(Submitted, Registered), To: is(Returned), Who: info, Input: ReturnInput{}, Audience: workflow.Everyone},
		{
			Action: "keep", Label: "留存", From: is(Registered, Returned, Verifying, Editing), To: is(KeptOnFile),
			Who: info, Input: KeepInput{}, Audience: workflow.Everyone, Bulk: true,
		},
		{Action: "verify", Label: "调查核实", From: is(Registered, Editing), To: is(Verifying), Who: info, Input: VerifyInput{}, Audience: workflow.Office},
		{
			Action: "record_findings", Label: "登记核实情况", From: is(Verifying), To: is(Editing),
			Who: append(slices.Clone(info), matter.Leading), Input: FindingsInput{}, Usual: true, Audience: workflow.Office,
		},
		{Action: "edit", Label: "编辑", From: is(Registered, Editing, KeptOnFile), To: is(Editing), Who: info, Input: EditInput{}, Usual: true, Audience: workflow.Office},
		matter.ClassifyRule(append(hurried, Dispatched), info),
		{Action: "set_urgency", Label: "调整急缓", From: hurried, To: hurried, Who: info, Input: UrgencyInput{}},
		{Action: "close", Label: "办结", From: is(Dispatched), To: is(handling.Closed), Who: info, Input: CloseInput{}, Usual: true, Audience: workflow.Everyone, Bulk: true},
		{Action: "archive", Label: "归档", From: is(handling.Closed), To: is(Archived), Who: info, Input: ArchiveInput{}, Bulk: true},
	}
}

// signRules are the actions of the sign-off (审签).
func signRules(info, leader []workflow.Party) []workflow.Rule {
	return []workflow.Rule{
		{
			Action: "send_for_sign", Label: "送审签", From: is(Registered, Editing), To: is(PendingSign),
			Who: info, Input: SendForSignInput{}, Usual: true, Audience: workflow.Office, Bulk: true,
		},
		{Action: "sign", Label: "签发", From: is(PendingSign), To: is(Signed), Who: leader, Input: SignInput{}, Usual: true, Audience: workflow.Office, Bulk: true},
		{Action: "send_back", Label: "退回修改", From: is(PendingSign), To: is(Editing), Who: leader, Input: SendBackInput{}, Audience: workflow.Office},
	}
}

// factRules are the actions that record where a report went and what came of it.
func factRules(info []workflow.Party) []workflow.Rule {
	return []workflow.Rule{
		{Action: "report", Label: "报送", From: is(Signed), To: is(Dispatched), Who: info, Input: ReportInput{}, Usual: true, Audience: workflow.Everyone, Bulk: true},
		{Action: "report_more", Label: "增加报送", From: reported(), Who: info, Input: ReportInput{}, Audience: workflow.Everyone},
		{Action: "record_receipt", Label: "登记对方编号", From: reported(), Who: info, Input: ReceiptInput{}, Audience: workflow.Office},
		{Action: "record_adoption", Label: "登记采用", From: reported(), Who: info, Input: AdoptionInput{}, Audience: workflow.Everyone, Bulk: true},
		{Action: "record_instruction", Label: "登记批示", From: reported(), Who: info, Input: InstructionInput{}, Audience: workflow.Everyone},
		{Action: "revoke_fact", Label: "更正登记", From: reported(), Who: info, Input: RevokeInput{}, Audience: workflow.Everyone},
	}
}
