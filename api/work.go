package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
)

// taskView is one thing that waits for the asker, with all that a line of a list
// shows.
type taskView struct {
	MatterID      string      `json:"matter_id" format:"uuid"`
	AssignmentID  string      `json:"assignment_id,omitempty" format:"uuid" doc:"Where it is an assignment that waits"`
	Kind          string      `json:"kind" example:"suggestion"`
	KindLabel     string      `json:"kind_label" example:"微建议"`
	Number        string      `json:"number,omitempty" example:"2026年第31号"`
	Title         string      `json:"title"`
	StatusLabel   string      `json:"status_label" example:"已受理"`
	Category      string      `json:"category" example:"CITY"`
	CategoryLabel string      `json:"category_label" example:"城市建设"`
	Step          string      `json:"step" doc:"What is waited for, as GET /v1/work/count names it" example:"review"`
	Todo          string      `json:"todo" doc:"What is waited for, in words" example:"审核"`
	Author        string      `json:"author" doc:"The first author; a body by its name; empty where a unit does not learn of it"`
	Assignee      string      `json:"assignee,omitempty" doc:"The colleague who has it in hand; for the office"`
	AssigneeID    string      `json:"assignee_id,omitempty" format:"uuid"`
	SubmittedAt   time.Time   `json:"submitted_at"`
	DueAt         time.Time   `json:"due_at"`
	Urgent        bool        `json:"urgent" doc:"加急: it comes before all others"`
	Overdue       bool        `json:"overdue"`
	Risk          matter.Risk `json:"risk" enum:"OVERDUE,TODAY,SOON,NORMAL" doc:"Overdue; due today; its last working day has begun; not yet"`
	RiskLabel     string      `json:"risk_label" example:"今天到期"`
}

// workFilter narrows the queue. Each of it composes with all others.
type workFilter struct {
	Paged
	Kind     string            `query:"kind" maxLength:"30" doc:"Only this kind of matter" example:"suggestion"`
	Step     string            `query:"step" maxLength:"30" doc:"Only what waits for this step, as GET /v1/work/count names it" example:"review"`
	Category string            `query:"category" maxLength:"30" doc:"Only this category, of the list categories of GET /v1/forms" example:"CITY"`
	Assignee matter.Taker      `query:"assignee" enum:"me,nobody" doc:"Only what the asker has in hand, or what no colleague has; for the office" example:"me"`
	Holder   matter.HolderSort `query:"holder" enum:"office,unit,person" doc:"Only what waits for the asker's office, for their unit, or for them alone" example:"office"`
	Overdue  bool              `query:"overdue" doc:"Only what is overdue"`
	Urgent   bool              `query:"urgent" doc:"Only what is urgent (加急)"`
}

// askedView is a matter that the asker is asked to sign.
type askedView struct {
	MatterID  string `json:"matter_id" format:"uuid"`
	Kind      string `json:"kind" example:"proposal"`
	KindLabel string `json:"kind_label" example:"提案"`
	Title     string `json:"title"`
	Author    string `json:"author" doc:"The first author, who asks"`
}

// countView is how much waits.
type countView struct {
	All     int             `json:"all" maximum:"100" doc:"100 stands for 99+"`
	Overdue int             `json:"overdue" maximum:"100" doc:"100 stands for 99+"`
	Urgent  int             `json:"urgent" maximum:"100" doc:"100 stands for 99+"`
	Steps   []stepCountView `json:"steps" nullable:"false" doc:"By what is waited for, in the order of the work; steps in which nothing waits are left out"`
}

type stepCountView struct {
	Step  string `json:"step" example:"review"`
	Label string `json:"label" example:"待审核"`
	Count int    `json:"count" maximum:"100" doc:"100 stands for 99+"`
}

func (a *API) workRoutes() {
	const tag = "待办"
	read(a, operation{
		id: "work.list", method: http.MethodGet, path: "/v1/work", tag: tag, who: everybody,
		summary: "等我处理的事项，加急的在前，再按到期先后；按类别等筛选时一页可能不满，有next就还有下一页", faults: []*fault.Fault{errCursor},
	}, a.listWork)
	read(a, operation{
		id: "work.invitations", method: http.MethodGet, path: "/v1/work/invitations", tag: tag, who: everybody,
		summary: "请我联名、还没有答复的事项，新的在前", faults: []*fault.Fault{errCursor},
	}, a.listAsked)
	read(a, operation{id: "work.count", method: http.MethodGet, path: "/v1/work/count", summary: "待办件数，按环节", tag: tag, who: everybody},
		func(ctx context.Context, _ *none) (countView, error) {
			n, err := a.matters.CountQueue(ctx, actorOf(ctx))
			v := countView{All: n.All, Overdue: n.Overdue, Urgent: n.Urgent, Steps: []stepCountView{}}
			for _, s := range n.Steps {
				v.Steps = append(v.Steps, stepCountView{s.Name, s.Label, s.N})
			}
			return v, err
		})
}

func (a *API) listAsked(ctx context.Context, in *Paged) (page[askedView], error) {
	before, err := idCursor(in.After)
	if err != nil {
		return page[askedView]{}, err
	}
	found, err := a.matters.Invitations(ctx, actorOf(ctx), before, in.Limit+1)
	return cut(found, in.Limit, func(x matter.Invitation) string { return x.MatterID }, func(x matter.Invitation) askedView {
		return askedView{x.MatterID, string(x.Kind), a.matters.Flow(x.Kind).Label, x.Title, x.AuthorName}
	}), err
}

func (a *API) listWork(ctx context.Context, in *workFilter) (page[taskView], error) {
	mark, err := parseMark(in.After)
	if err != nil {
		return page[taskView]{}, err
	}
	if err := a.checkFilter(in); err != nil {
		return page[taskView]{}, err
	}
	q, err := a.matters.Queue(ctx, actorOf(ctx), matter.QueueFilter{
		For: in.Holder, Step: in.Step, Urgent: in.Urgent, Overdue: in.Overdue, Kind: matter.Kind(in.Kind), Category: in.Category, Taker: in.Assignee,
	}, mark, in.Limit)
	p := page[taskView]{Items: []taskView{}}
	categories := labelsOf("categories")
	for _, t := range q.Tasks {
		v := a.task(t)
		v.CategoryLabel = categories[t.Category]
		p.Items = append(p.Items, v)
	}
	if q.Next != nil {
		p.Next = markCursor(*q.Next)
	}
	return p, err
}

func (a *API) task(t matter.Task) taskView {
	flow := a.matters.Flow(t.Kind)
	return taskView{
		MatterID: t.MatterID, AssignmentID: text(t.AssignmentID), Kind: string(t.Kind), KindLabel: flow.Label, Number: text(t.Number), Title: t.Title,
		StatusLabel: flow.LabelOf(t.Status), Category: t.Category, Step: t.Step, Todo: t.Label,
		Author: t.AuthorName, Assignee: text(t.AssigneeName), AssigneeID: text(t.AssigneeID), SubmittedAt: local(*t.SubmittedAt), DueAt: local(t.DueAt),
		Urgent: t.Rank == matter.Urgent, Overdue: t.Risk == matter.Overdue, Risk: t.Risk, RiskLabel: t.Risk.Label(),
	}
}

// checkFilter refuses a filter by something that there is not, rather than find
// nothing.
func (a *API) checkFilter(in *workFilter) error {
	var wrong []fault.Field
	unknown := func(path, message string) {
		wrong = append(wrong, fault.Field{Path: "query." + path, Message: message})
	}
	if in.Kind != "" && a.matters.Flow(matter.Kind(in.Kind)).Name == "" {
		unknown("kind", "没有这种事项")
	}
	if in.Step != "" && !slices.ContainsFunc(a.matters.Steps(), func(s matter.Step) bool { return s.Name == in.Step }) {
		unknown("step", "没有这个环节")
	}
	if in.Category != "" && labelsOf("categories")[in.Category] == "" {
		unknown("category", "没有这个类别")
	}
	if len(wrong) > 0 {
		return errInvalid.With(wrong...)
	}
	return nil
}
