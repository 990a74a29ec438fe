package api

import (
	"context"
	"net/http"
	"time"

	"yanlu/internal/matter"
	"yanlu/internal/member"
)

// lateView is a deadline that is over.
type lateView struct {
	MatterID     string    `json:"matter_id" format:"uuid"`
	AssignmentID string    `json:"assignment_id,omitempty" format:"uuid"`
	Kind         string    `json:"kind" example:"suggestion"`
	Number       string    `json:"number,omitempty" example:"2026年第31号"`
	Title        string    `json:"title"`
	Label        string    `json:"label" doc:"Which deadline" example:"答复"`
	DueAt        time.Time `json:"due_at"`
	WorkingDays  int       `json:"working_days" doc:"How many working days it is late; 0 on the first" example:"3"`
}

// lateHolderView is who is late.
type lateHolderView struct {
	Sort  string     `json:"sort" enum:"unit,role,person,none" example:"unit"`
	ID    string     `json:"id,omitempty" doc:"Of the unit or the person; the role"`
	Name  string     `json:"name" example:"言城县水利局"`
	OnApp int        `json:"on_app" doc:"People of it who have a telephone bound; 0: nobody was reminded, call them"`
	Items []lateView `json:"items" nullable:"false"`
}

type overdueView struct {
	Groups []lateHolderView `json:"groups" nullable:"false" doc:"Units, then roles of the office, then persons; each by what has been due the longest"`
	More   bool             `json:"more" doc:"There is more than the 300 deadlines of this list"`
	Text   []string         `json:"text" nullable:"false" doc:"The units' part as plain text for a group chat, without authors' names, in messages of at most 2000 characters"`
}

func (a *API) overdueRoutes() {
	read(a, operation{
		id: "work.overdue", method: http.MethodGet, path: "/v1/work/overdue", summary: "逾期情况，按单位列出，附可粘贴到工作群的文字", tag: "待办",
		who: roles(member.InfoStaff, member.ProposalStaff, member.Leader),
	}, func(ctx context.Context, _ *none) (overdueView, error) {
		groups, more, err := a.watch.Overdue(ctx, actorOf(ctx))
		v := overdueView{Groups: []lateHolderView{}, More: more, Text: append([]string{}, matter.LateText(groups, a.now())...)}
		for _, g := range groups {
			h := lateHolderView{Sort: g.Sort, ID: g.ID, Name: g.Name, OnApp: g.OnApp, Items: []lateView{}}
			if h.Sort == "" {
				h.Sort = "none"
			}
			for _, x := range g.Items {
				h.Items = append(h.Items, lateView{
					x.MatterID, text(x.AssignmentID), string(x.Of), text(x.Number), x.Title, x.Label, local(x.DueAt), x.Days,
				})
			}
			v.Groups = append(v.Groups, h)
		}
		return v, err
	})
}
