package api

import (
	"context"
	"slices"
	"time"

	"yanlu/internal/attachment"
	"yanlu/internal/audit"
	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// matterFaults are what any action on a matter may answer.
var matterFaults = []*fault.Fault{matter.ErrNotFound, matter.ErrNotYours, matter.ErrNotNow, matter.ErrStale, matter.ErrNotLate, matter.ErrPaper, matter.ErrPaperSuspended}

// StateView is where a thing stands after a move.
type StateView struct {
	ID      string          `json:"id" format:"uuid"`
	Number  string          `json:"number,omitempty" example:"2026年第31号"`
	Status  workflow.Status `json:"status" example:"ACCEPTED"`
	Label   string          `json:"status_label" example:"已受理"`
	Version int64           `json:"version"`
	Actions []actionView    `json:"actions" nullable:"false" doc:"What the asker may do next"`
}

func matterState(flow workflow.Table, x matter.Matter, actor member.Actor, authors []matter.Author) StateView {
	return StateView{
		ID: x.ID, Number: text(x.Number), Status: x.Status, Label: flow.LabelOf(x.Status), Version: x.Version,
		Actions: actionsOf(flow, x.Status, matter.PartiesOf(actor, x, authors), matter.OnPaper(actor, authors)),
	}
}

func assignmentState(flow workflow.Table, x handling.Assignment, actor member.Actor) StateView {
	return StateView{
		ID: x.ID, Status: x.Status, Label: flow.LabelOf(x.Status), Version: x.Version,
		Actions: actionsOf(flow, x.Status, handling.PartiesOf(actor, x), handling.OnPaper(actor, x)),
	}
}

// offered leaves out of an answer the actions that are not to be offered on a matter,
// or on an assignment of it.
func offered(ctx context.Context, c store.Conn, actor member.Actor, v StateView, matterID string) (StateView, error) {
	var names []string
	for _, x := range v.Actions {
		names = append(names, x.Name)
	}
	off, err := handling.Off(ctx, c, actor.InstitutionID, matterID, names)
	v.Actions = without(v.Actions, off)
	return v, err
}

// lineView is a matter in a list.
type lineView struct {
	ID          string          `json:"id" format:"uuid"`
	Number      string          `json:"number,omitempty"`
	Title       string          `json:"title"`
	Status      workflow.Status `json:"status"`
	StatusLabel string          `json:"status_label"`
	Version     int64           `json:"version" doc:"For taking an action on several of them at once"`
	Category    string          `json:"category"`
	Urgent      bool            `json:"urgent,omitempty" doc:"加急"`
	Author      string          `json:"author" doc:"The first author; a body by its name; empty where a unit does not learn of it"`
	SubmittedAt time.Time       `json:"submitted_at"`
	DueAt       *time.Time      `json:"due_at,omitempty" doc:"The next of the periods that run and that the asker may know of; absent where none is"`
	DueLabel    string          `json:"due_label,omitempty" doc:"Which period it is" example:"答复"`
	Overdue     bool            `json:"overdue,omitempty"`
	Risk        matter.Risk     `json:"risk,omitempty" enum:"OVERDUE,TODAY,SOON,NORMAL" doc:"How near due_at is: overdue; due today; its last working day has begun; not yet"`
	RiskLabel   string          `json:"risk_label,omitempty" example:"即将到期"`
}

func lineOf(flow workflow.Table) func(matter.Line) lineView {
	return func(l matter.Line) lineView {
		return lineView{
			l.ID, text(l.Number), l.Title, l.Status, flow.LabelOf(l.Status), l.Version, l.Category, l.Urgent, l.AuthorName, local(l.SubmittedAt),
			localOrNil(l.DueAt), text(l.DueLabel), l.Risk == matter.Overdue, l.Risk, l.Risk.Label(),
		}
	}
}

// numbersOf answers the numbers that a list of matters was given, and lets the audit
// have each.
func numbersOf(ctx context.Context, rows []matter.Matter) page[numberView] {
	p := page[numberView]{Items: []numberView{}}
	for _, x := range rows {
		audit.About(ctx, string(x.Kind), x.ID)
		p.Items = append(p.Items, numberView{x.ID, text(x.Number)})
	}
	return p
}

// MatterView is what all kinds show of one matter.
type MatterView struct {
	StateView
	Kind        string           `json:"kind" example:"suggestion"`
	KindLabel   string           `json:"kind_label" example:"微建议"`
	Title       string           `json:"title"`
	Category    string           `json:"category"`
	Urgent      bool             `json:"urgent,omitempty" doc:"加急: it goes before all others"`
	Source      matter.Source    `json:"source" enum:"APP,PAPER" doc:"PAPER: staff recorded it"`
	Assignee    string           `json:"assignee,omitempty" doc:"The colleague who has it in hand; for the office"`
	AssigneeID  string           `json:"assignee_id,omitempty" format:"uuid"`
	MergedInto  string           `json:"merged_into,omitempty" format:"uuid" doc:"The matter that it was merged into"`
	MergedIn    []mergedView     `json:"merged_in" nullable:"false" doc:"The matters that were merged into it"`
	HandedUp    []handedUpView   `json:"handed_up,omitempty" doc:"The times that it was handed up, with where it stands there; for the office and the leaders"`
	Origin      *linkView        `json:"origin,omitempty" doc:"The matter that it was converted from"`
	Became      *linkView        `json:"became,omitempty" doc:"The matter that it was converted into"`
	SubmittedAt time.Time        `json:"submitted_at"`
	ClosedAt    *time.Time       `json:"closed_at,omitempty"`
	Authors     []authorView     `json:"authors" nullable:"false"`
	Hidden      bool             `json:"authors_hidden,omitempty" doc:"The institution does not tell the asker's unit who the authors are"`
	Timeline    []eventView      `json:"timeline" nullable:"false"`
	Deadlines   []deadlineView   `json:"deadlines" nullable:"false" doc:"The periods that run"`
	Assignments []assignmentView `json:"assignments" nullable:"false"`
	Replies     []replyView      `json:"replies" nullable:"false"`
	Ratings     []ratingView     `json:"ratings" nullable:"false"`
	Assessments []assessmentView `json:"assessments,omitempty" doc:"What the unit and the first author say of each other (双向评议); each side sees the other's when both are in, or the time is up"`
	Checks      []CheckView      `json:"checks,omitempty" doc:"What the content check found; the office alone sees it"`
	Attachments []attachmentView `json:"attachments" nullable:"false" doc:"Pictures and files of the matter; those of a reply, a note or a paper stand with it"`
}

// linkView names a matter of another kind.
type linkView struct {
	ID   string `json:"id" format:"uuid"`
	Kind string `json:"kind" example:"suggestion"`
}

func linkOf(l matter.Link) *linkView {
	if l.ID == "" {
		return nil
	}
	return &linkView{l.ID, string(l.Kind)}
}

// handedUpView is one time that a matter was handed up. Of what became of it in
// the institution above nobody reads more.
type handedUpView struct {
	Organ       string       `json:"organ" example:"昆山市政协"`
	HandedAt    time.Time    `json:"handed_at"`
	Here        bool         `json:"here" doc:"It became a matter of that institution in this installation"`
	Number      string       `json:"number,omitempty" doc:"Theirs"`
	StatusLabel string       `json:"status_label,omitempty" example:"已登记" doc:"Where it stands there; absent where they use another system"`
	Result      matter.Above `json:"result,omitempty" enum:"RECEIVED,FILED,NOT_FILED,ADOPTED,ANSWERED,EXCELLENT" doc:"What the office has booked of it"`
	ResultLabel string       `json:"result_label,omitempty" example:"已立案"`
}

func (a *API) handedUpView(h matter.HandedUp) handedUpView {
	v := handedUpView{
		Organ: h.Organ, HandedAt: local(h.HandedAt), Here: h.UpperID != nil, Number: h.Number, Result: h.Result, ResultLabel: h.Result.Label(),
	}
	if v.Here {
		v.StatusLabel = a.matters.Flow(h.UpperKind).LabelOf(h.UpperStatus)
		if h.UpperNumber != "" {
			v.Number = h.UpperNumber
		}
	}
	return v
}

type mergedView struct {
	ID     string `json:"id" format:"uuid"`
	Number string `json:"number,omitempty"`
	Title  string `json:"title"`
}

type authorView struct {
	Body    string            `json:"body,omitempty" example:"民盟言城县支部" doc:"The body that is the author; absent where the person is"`
	Kind    matter.BodyKind   `json:"body_kind,omitempty" enum:"PARTY,GROUP,SECTOR,PANEL,COMMITTEE,UNIT,STUDIO,INSTITUTION"`
	KindSay string            `json:"body_kind_label,omitempty" example:"民主党派"`
	ID      string            `json:"person_id,omitempty" format:"uuid" doc:"Absent where the body has nobody in this institution"`
	Name    string            `json:"name" doc:"Of a body, its contact: who handed in for it. Of a lower institution, whose matter it was there; may be empty"`
	Role    matter.AuthorRole `json:"role" enum:"FIRST,CO"`
	Consent matter.Consent    `json:"consent" enum:"NAMED,ASKED,GIVEN,DECLINED"`
	Merged  bool              `json:"merged,omitempty" doc:"Came with a matter that was merged into this one"`
	Sector  string            `json:"sector,omitempty"`
	Group   string            `json:"group,omitempty"`
	Term    int               `json:"term,omitempty"`
}

type eventView struct {
	ID       string             `json:"id" format:"uuid"`
	At       time.Time          `json:"at"`
	Action   string             `json:"action"`
	Label    string             `json:"label"`
	Actor    string             `json:"actor,omitempty" doc:"Who did it; for those who work on the matter"`
	TypedBy  string             `json:"typed_by,omitempty" doc:"Who recorded it from paper; for those who work on the matter"`
	Way      workflow.RecordWay `json:"way,omitempty" enum:"PAPER,PHONE" doc:"From paper, or by telephone; for those who work on the matter"`
	WayLabel string             `json:"way_label,omitempty" example:"电话记录" doc:"Behind the name of who recorded it: 王静 电话记录"`
	Comment  string             `json:"comment,omitempty"`
	Audience workflow.Audience  `json:"audience" enum:"EVERYONE,HANDLERS,OFFICE" doc:"Who reads the line"`
	Files    []attachmentView   `json:"files" nullable:"false" doc:"Of a note on the progress"`
	Scans    []attachmentView   `json:"scans" nullable:"false" doc:"Of the paper that it was recorded from; for the office, and for the unit whose own act it was"`
}

type deadlineView struct {
	Kind         string        `json:"kind"`
	Label        string        `json:"label" example:"答复"`
	Span         string        `json:"span" example:"10个工作日"`
	Count        int           `json:"count"`
	Unit         calendar.Unit `json:"unit" enum:"WORKING_DAY,DAY,HOUR,MONTH"`
	DueAt        time.Time     `json:"due_at"`
	Overdue      bool          `json:"overdue"`
	AssignmentID string        `json:"assignment_id,omitempty" format:"uuid"`
}

type assignmentView struct {
	StateView
	Unit         string        `json:"unit"`
	UnitID       string        `json:"unit_id" format:"uuid"`
	Role         handling.Role `json:"role" enum:"LEAD,CO,SEPARATE" doc:"SEPARATE: it answers by itself, beside others"`
	Round        int           `json:"round"`
	LetterNo     string        `json:"letter_no,omitempty" example:"转办〔2026〕12号"`
	AskedDays    int           `json:"asked_days,omitempty" doc:"Working days asked for as an extension"`
	AskedUntil   string        `json:"asked_until,omitempty" format:"date" doc:"The day asked for as an extension, where the time runs in days or months"`
	ExtendedBy   int           `json:"extended_by,omitempty" doc:"Working days of extension that were granted"`
	ExtendedTo   string        `json:"extended_until,omitempty" format:"date" doc:"The day up to which an extension was granted"`
	Handover     string        `json:"handover_id,omitempty" format:"uuid" doc:"The meeting at which it was handed over"`
	Urged        int           `json:"urged,omitempty" doc:"How much it was urged: 1 for each wish of an author, 2 for the office, 4 for a leader; for insiders"`
	Requirement  string        `json:"requirement,omitempty"`
	HandlerName  string        `json:"handler_name,omitempty"`
	HandlerPhone string        `json:"handler_phone,omitempty"`
	Way          handling.Way  `json:"way,omitempty" enum:"IN_PERSON,PHONE,VISIT,FORUM" doc:"How the unit spoke with the author the last time, as it logged"`
}

type replyView struct {
	ID           string             `json:"id" format:"uuid"`
	AssignmentID string             `json:"assignment_id" format:"uuid"`
	Kind         handling.ReplyKind `json:"kind" enum:"REPLY,OPINION"`
	Outcome      string             `json:"outcome,omitempty" example:"A"`
	NowOutcome   string             `json:"current_outcome,omitempty" example:"A" doc:"As it is by now, after it was looked at again"`
	OutcomeLabel string             `json:"outcome_label,omitempty"`
	Body         string             `json:"body"`
	Unit         string             `json:"unit" doc:"That wrote it"`
	About        string             `json:"about,omitempty" format:"uuid" doc:"The merged matter that it answers, where its text is another than that for all"`
	Signer       string             `json:"signer,omitempty" doc:"Who signed the letter"`
	DocumentNo   string             `json:"document_no,omitempty" example:"言住建函〔2026〕12号"`
	Public       bool               `json:"public,omitempty" doc:"The unit agrees to its publication"`
	ContactName  string             `json:"contact_name,omitempty"`
	ContactPhone string             `json:"contact_phone,omitempty"`
	Way          handling.Way       `json:"way,omitempty" enum:"IN_PERSON,PHONE,VISIT,FORUM,NONE"`
	Verdict      handling.Verdict   `json:"verdict,omitempty" enum:"PASSED,SENT_BACK"`
	SubmittedAt  time.Time          `json:"submitted_at"`
	CheckedAt    *time.Time         `json:"checked_at,omitempty"`
	Files        []attachmentView   `json:"files" nullable:"false"`
}

type ratingView struct {
	About    string         `json:"about,omitempty" format:"uuid" doc:"The merged matter whose first author judged; absent: that of this one"`
	Attitude handling.Grade `json:"attitude" enum:"SATISFIED,BASICALLY,DISSATISFIED"`
	Result   handling.Grade `json:"result" enum:"SATISFIED,BASICALLY,DISSATISFIED"`
	Comment  string         `json:"comment,omitempty"`
	At       time.Time      `json:"at"`
}

// assessmentView is the mark of one side for the other.
type assessmentView struct {
	Side         handling.Side `json:"side" enum:"UNIT,AUTHOR" doc:"Who marks: the unit, or the first author"`
	AssignmentID string        `json:"assignment_id,omitempty" format:"uuid" doc:"Of the unit that marks"`
	Round        int           `json:"round"`
	Score        int           `json:"score" minimum:"0" maximum:"100"`
	Word         string        `json:"word" example:"优秀"`
	Comment      string        `json:"comment,omitempty"`
	At           time.Time     `json:"at"`
}

// without drops the actions that are not to be offered.
func without(actions []actionView, off []string) []actionView {
	return slices.DeleteFunc(actions, func(x actionView) bool { return slices.Contains(off, x.Name) })
}

// readMatter reads a matter of a kind, with its tail, its files and what was found of
// it, in one batch with what own adds; and tells whether the actor reads all of it.
func (a *API) readMatter(ctx context.Context, kind matter.Kind, id string, own func(*store.Batch)) (MatterView, *matter.Detail, matter.Insider, error) {
	actor, b := actorOf(ctx), a.db.Batch()
	d, t := a.matters.Load(b, actor, kind, id), a.handling.Load(b, kind, id)
	own(b)
	found, files := a.findings(b, actor, kind, id), attachment.Load(b, id)
	if err := b.Run(ctx); err != nil {
		return MatterView{}, nil, false, err
	}
	v, err := a.finish(d, t, files, actor)
	v.addFindings(found)
	return v, d, t.Insider(actor) || d.Insider(actor), err
}

// finish completes a matter that was loaded with its tail and files and turns it into
// what the actor sees.
func (a *API) finish(d *matter.Detail, t *handling.Detail, files *[]attachment.Attachment, actor member.Actor) (MatterView, error) {
	insider := t.Insider(actor) || d.Insider(actor)
	if err := a.matters.Finish(d, actor, insider); err != nil {
		return MatterView{}, err
	}
	if err := a.handling.Finish(t, actor, insider); err != nil {
		return MatterView{}, err
	}
	flow := a.matters.Flow(d.Matter.Kind)
	v := MatterView{
		StateView: matterState(flow, d.Matter, actor, d.Authors), Kind: string(d.Matter.Kind), KindLabel: flow.Label,
		Title: d.Matter.Title, Category: d.Matter.Category, Urgent: d.Matter.Urgent, Hidden: d.AuthorsHidden, Source: d.Matter.Source, MergedInto: text(d.Matter.MergedInto), MergedIn: []mergedView{}, SubmittedAt: local(d.Matter.SubmittedAt), ClosedAt: localOrNil(d.Matter.ClosedAt),
		Authors: []authorView{}, Timeline: []eventView{}, Deadlines: []deadlineView{}, Assignments: []assignmentView{}, Replies: []replyView{}, Ratings: []ratingView{}, Attachments: []attachmentView{},
	}
	for _, x := range d.Authors {
		v.Authors = append(v.Authors, authorView{x.BodyName, x.BodyKind, x.BodyKind.Label(), x.Person(), x.Name, x.Role, x.Consent, x.ViaMatterID != nil, x.Sector, x.GroupName, x.Term})
	}
	for _, x := range d.Merged {
		v.MergedIn = append(v.MergedIn, mergedView{x.ID, text(x.Number), x.Title})
	}
	v.Origin, v.Became = linkOf(d.Origin), linkOf(d.Became)
	for _, h := range d.HandUps {
		v.HandedUp = append(v.HandedUp, a.handedUpView(h))
	}
	if matter.Oversees(actor) {
		v.Assignee, v.AssigneeID = d.Assignee, text(d.Matter.AssigneeID)
	}
	for _, e := range d.Events {
		line := eventView{ID: e.ID, Files: []attachmentView{}, Scans: []attachmentView{}, At: local(e.ActedAt), Action: e.Action, Label: e.Label, Comment: e.Comment, Audience: e.Audience}
		if insider {
			line.Actor, line.TypedBy, line.Way, line.WayLabel = e.ActorName, e.TypedName, e.Way, e.Way.Label()
		}
		v.Timeline = append(v.Timeline, line)
	}
	now := a.now()
	for _, x := range d.Deadlines {
		v.Deadlines = append(v.Deadlines, deadlineView{
			x.Kind, x.Label, calendar.Span{Count: x.Count, Unit: x.Unit}.String(), x.Count, x.Unit, local(x.DueAt), now.After(x.DueAt), text(x.AssignmentID),
		})
	}
	v.Actions = without(v.Actions, append(tooEarly(flow, d, now), t.Off...))
	a.addTail(&v, d.Matter.Kind, t, actor)
	seen := t.Files(*files, actor, insider)
	for i := range seen {
		seen[i].Name = d.Unnamed(seen[i].Name)
	}
	a.addFiles(&v, seen)
	return v, nil
}

// tooEarly names the actions that are for when the clock of a matter's state has run
// out, while it runs.
func tooEarly(flow workflow.Table, d *matter.Detail, now time.Time) []string {
	state, _ := flow.State(d.Matter.Status)
	if slices.ContainsFunc(d.Deadlines, func(x matter.Deadline) bool {
		return x.AssignmentID == nil && x.Kind == state.Clock.Kind && now.After(x.DueAt)
	}) {
		return nil
	}
	var names []string
	for _, r := range flow.Rules {
		if r.Late {
			names = append(names, r.Action)
		}
	}
	return names
}

func (a *API) addTail(v *MatterView, kind matter.Kind, t *handling.Detail, actor member.Actor) {
	for _, x := range t.Assignments {
		v.Assignments = append(v.Assignments, assignmentView{
			StateView: assignmentState(a.handling.FlowOf(kind, x.Role), x.Assignment, actor), Unit: x.UnitName, UnitID: x.UnitID, Role: x.Role, Round: x.Round, LetterNo: x.LetterNo, Handover: text(x.HandoverID), Urged: x.Urged, AskedDays: x.AskedDays, AskedUntil: x.AskedUntil.String(), ExtendedBy: x.ExtendedBy, ExtendedTo: x.ExtendedUntil.String(), Requirement: x.Requirement,
			HandlerName: x.HandlerName, HandlerPhone: x.HandlerPhone, Way: x.ContactWay,
		})
	}
	for i := range v.Assignments {
		v.Assignments[i].Actions = without(v.Assignments[i].Actions, t.Off)
	}
	for _, x := range t.Marks {
		v.Assessments = append(v.Assessments, assessmentView{x.Side, text(x.AssignmentID), x.Round, x.Score, x.Word(), x.Comment, local(x.CreatedAt)})
	}
	for _, r := range t.Replies {
		view := replyView{
			ID: r.ID, AssignmentID: r.AssignmentID, Kind: r.Kind, Outcome: r.Outcome, NowOutcome: r.CurrentOutcome, OutcomeLabel: r.OutcomeLabel, Body: r.Body, Unit: r.UnitName, About: text(r.AboutID), Signer: r.Signer, DocumentNo: r.DocumentNo, Public: r.Public, ContactName: r.ContactName,
			ContactPhone: r.ContactPhone, Way: r.Way, Verdict: r.Verdict, SubmittedAt: local(r.SubmittedAt), CheckedAt: localOrNil(r.CheckedAt),
			Files: []attachmentView{},
		}
		v.Replies = append(v.Replies, view)
	}
	for _, r := range t.Ratings {
		about := r.MatterID
		if about == v.ID {
			about = ""
		}
		v.Ratings = append(v.Ratings, ratingView{about, r.Attitude, r.Result, r.Comment, local(r.CreatedAt)})
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
