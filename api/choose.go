package api

import (
	"context"
	"net/http"

	"yanlu/internal/audit"
	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// namedView is somebody to choose: no telephone number, nothing of an account.
type namedView struct {
	ID       string `json:"id" format:"uuid"`
	Name     string `json:"name"`
	Position string `json:"position,omitempty"`
	Sector   string `json:"sector,omitempty"`
	Group    string `json:"group,omitempty"`
}

type chooseInput struct {
	Paged
	Name string `query:"name" maxLength:"50" doc:"What the name begins with" example:"古丽"`
}

type reassignInput struct {
	Keyed
	Body struct {
		From string `json:"from" format:"uuid" label:"谁的" doc:"现在在谁手上"`
		To   string `json:"to" format:"uuid" label:"交给" doc:"交给哪位同事"`
	}
}

type reassignedView struct {
	Count int  `json:"count" maximum:"100" doc:"How many matters were passed"`
	More  bool `json:"more" doc:"There are more: ask again"`
}

// chooseRoutes are the people that forms choose from.
func (a *API) chooseRoutes() {
	office := roles(member.InfoStaff, member.ProposalStaff, member.MemberWorkStaff)
	list := func(id, path, summary, tag string, who access, of []member.Role) {
		read(a, operation{id: id, method: http.MethodGet, path: path, summary: summary, tag: tag, who: who, faults: []*fault.Fault{errCursor}},
			func(ctx context.Context, in *chooseInput) (page[namedView], error) {
				after, err := idCursor(in.After)
				if err != nil {
					return page[namedView]{}, err
				}
				people, err := member.Holding(ctx, a.db, actorOf(ctx).InstitutionID, of, in.Name, after, in.Limit+1, calendar.Of(a.now()))
				return cut(people, in.Limit, func(p member.Named) string { return p.ID }, func(p member.Named) namedView {
					return namedView{p.ID, p.Name, p.Position, p.Sector, p.GroupName}
				}), err
			})
	}
	list("member.choose", "/v1/members", "本单位的委员，供选择联名人", "名册",
		roles(member.Member, member.Liaison, member.InfoStaff, member.ProposalStaff, member.MemberWorkStaff), []member.Role{member.Member})
	list("work.colleagues", "/v1/work/colleagues", "本单位的同事", "待办", office, member.OfficeRoles())
	act(a, operation{
		id: "work.reassign", method: http.MethodPost, path: "/v1/work/reassign", summary: "同事不在，把他手上的事项都交给另一位", tag: "待办", who: office,
		faults: []*fault.Fault{matter.ErrColleague},
	}, nil, func(ctx context.Context, tx *store.Tx, in reassignInput) (reassignedView, error) {
		passed, more, err := a.matters.Reassign(ctx, tx, actorOf(ctx), in.Body.From, in.Body.To)
		for _, x := range passed {
			audit.About(ctx, string(x.Kind), x.ID)
		}
		return reassignedView{len(passed), more}, err
	})
}
