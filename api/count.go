package api

import (
	"cmp"
	"context"
	"net/http"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/proposal"
	"yanlu/internal/report"
	"yanlu/internal/workflow"
)

type countInput struct {
	PartInput
	Kind string `query:"kind" required:"true" maxLength:"30" doc:"Which kind of matter" example:"proposal"`
}

// matterCountsView is how many matters of a kind stand where. It names nobody.
type matterCountsView struct {
	Kind       string              `json:"kind" example:"proposal"`
	KindLabel  string              `json:"kind_label" example:"提案"`
	Year       int                 `json:"year,omitempty" doc:"In which they were handed in; absent where a session was asked for and no year" example:"2026"`
	Total      int                 `json:"total" doc:"Handed in, and seen by the asker"`
	States     []stateTotalView    `json:"states" nullable:"false" doc:"All states of what is handed in, in the order of its life"`
	Months     []int               `json:"months,omitempty" minItems:"12" maxItems:"12" doc:"Received in each month of the year"`
	Categories []categoryTotalView `json:"categories" nullable:"false" doc:"The ten of which there are most"`
	Others     int                 `json:"other_categories" doc:"Of all other categories"`
	InTime     int                 `json:"in_time" doc:"In the hands of units, and not overdue"`
	Overdue    int                 `json:"overdue" doc:"In the hands of units, whose time to answer is over"`
	Rated      int                 `json:"rated" doc:"That have been rated; each counts once, by its latest rating"`
	Grades     []gradeTotalView    `json:"grades" nullable:"false" doc:"The ratings, from the best"`
}

type stateTotalView struct {
	Status workflow.Status `json:"status" example:"FILED"`
	Label  string          `json:"status_label" example:"已立案"`
	Count  int             `json:"count"`
}

type categoryTotalView struct {
	Category string `json:"category" example:"CITY"`
	Label    string `json:"category_label" example:"城市建设"`
	Count    int    `json:"count"`
}

type gradeTotalView struct {
	Grade    handling.Grade `json:"grade" enum:"SATISFIED,BASICALLY,DISSATISFIED"`
	Label    string         `json:"grade_label" example:"满意"`
	Attitude int            `json:"attitude" doc:"Of how it was handled (办理态度)"`
	Result   int            `json:"result" doc:"Of what came of it (办理结果)"`
}

// countRoutes are the counts: for those who see all matters of the institution.
func (a *API) countRoutes() {
	read(a, operation{
		id: "count.read", method: http.MethodGet, path: "/v1/counts", summary: "统计：各状态的件数，按月、按类别，逾期和评价", tag: "统计",
		who:    roles(member.InfoStaff, member.ProposalStaff, member.ProposalChair, member.Leader),
		faults: []*fault.Fault{proposal.ErrNoCollection},
	}, func(ctx context.Context, in *countInput) (matterCountsView, error) {
		kind := matter.Kind(in.Kind)
		if a.matters.Head(kind).Kind == "" {
			return matterCountsView{}, errInvalid.With(fault.Field{Path: "query.kind", Message: "没有这类事项"})
		}
		if in.Collection == "" {
			in.Year = cmp.Or(in.Year, calendar.Of(a.now()).Year())
		}
		part, err := a.part(ctx, kind, in.PartInput)
		if err != nil {
			return matterCountsView{}, err
		}
		c, err := a.reports.Count(ctx, actorOf(ctx), kind, part)
		return a.viewCounts(kind, in.Year, c), err
	})
}

func (a *API) viewCounts(kind matter.Kind, year int, c report.Counts) matterCountsView {
	v := matterCountsView{
		Kind: string(kind), KindLabel: a.matters.Flow(kind).Label, Year: year, Total: c.Total, States: []stateTotalView{}, Months: c.Months,
		Categories: []categoryTotalView{}, Others: c.Others, InTime: c.InTime, Overdue: c.Overdue, Rated: c.Rated, Grades: []gradeTotalView{},
	}
	for _, x := range c.States {
		v.States = append(v.States, stateTotalView{x.Status, x.Label, x.N})
	}
	labels := labelsOf("categories")
	for _, x := range c.Categories {
		v.Categories = append(v.Categories, categoryTotalView{x.Category, labels[x.Category], x.N})
	}
	for _, g := range handling.Grades() {
		v.Grades = append(v.Grades, gradeTotalView{g, g.Label(), c.Attitude[g], c.Result[g]})
	}
	return v
}
