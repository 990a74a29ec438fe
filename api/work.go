package api

import (
	"context"
	"net/http"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
)

// taskView is one thing that waits for the asker.
type taskView struct {
	MatterID     string    `json:"matter_id" format:"uuid"`
	AssignmentID string    `json:"assignment_id,omitempty" format:"uuid" doc:"Where it is an assignment that waits"`
	Kind         string    `json:"kind" example:"suggestion"`
	Number       string    `json:"number,omitempty"`
	Title        string    `json:"title"`
	StatusLabel  string    `json:"status_label"`
	Todo         string    `json:"todo" doc:"What is waited for" example:"审核"`
	Author       string    `json:"author"`
	SubmittedAt  time.Time `json:"submitted_at"`
	DueAt        time.Time `json:"due_at"`
	Overdue      bool      `json:"overdue"`
}

type countView struct {
	All     int `json:"all" maximum:"100" doc:"100 stands for 99+"`
	Overdue int `json:"overdue" maximum:"100" doc:"100 stands for 99+"`
}

func (a *API) workRoutes() {
	const tag = "待办"
	read(a, operation{
		id: "work.list", method: http.MethodGet, path: "/v1/work", summary: "等我处理的事项，先到期的在前", tag: tag, who: everybody,
		faults: []*fault.Fault{errCursor},
	}, func(ctx context.Context, in *Paged) (page[taskView], error) {
		mark, err := parseMark(in.After)
		if err != nil {
			return page[taskView]{}, err
		}
		tasks, err := a.matters.Queue(ctx, actorOf(ctx), mark, in.Limit+1)
		now := a.now()
		return cut(tasks, in.Limit, markCursor, func(t matter.Task) taskView {
			return taskView{
				t.MatterID, text(t.AssignmentID), string(t.Kind), text(t.Number), t.Title, a.matters.Flow(t.Kind).LabelOf(t.Status), t.Label,
				t.AuthorName, local(t.SubmittedAt), local(t.DueAt), now.After(t.DueAt),
			}
		}), err
	})
	read(a, operation{id: "work.count", method: http.MethodGet, path: "/v1/work/count", summary: "待办件数", tag: tag, who: everybody},
		func(ctx context.Context, _ *none) (countView, error) {
			all, overdue, err := a.matters.QueueCount(ctx, actorOf(ctx))
			return countView{all, overdue}, err
		})
}
