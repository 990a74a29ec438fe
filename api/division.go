package api

import (
	"context"
	"net/http"

	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// divisionView is a sector or a group.
type divisionView struct {
	ID      string `json:"id" format:"uuid"`
	Name    string `json:"name" example:"农业界"`
	Ended   bool   `json:"ended"`
	Version int64  `json:"version"`
}

func viewDivision(d member.Division) divisionView {
	return divisionView{d.ID, d.Name, d.EndedAt != nil, d.Version}
}

// DivisionFields are what a sector or group is.
type DivisionFields struct {
	Name string `json:"name" minLength:"1" maxLength:"50" example:"科技界" doc:"名称"`
}

type newDivision struct {
	Keyed
	Body struct{ DivisionFields }
}

type changeDivision struct {
	KeyedID
	Body struct {
		DivisionFields
		Seen
	}
}

type orderDivisions struct {
	Keyed
	Body struct {
		IDs []string `json:"ids" minItems:"1" maxItems:"500" format:"uuid" doc:"全部的编号，按新的顺序"`
	}
}

type ranksView struct {
	Ranks []string `json:"ranks" nullable:"false" example:"[\"主席\",\"副主席\",\"秘书长\",\"常委\"]" doc:"The highest first; whoever has another 职务, or none, comes after"`
}

type setRanks struct {
	Keyed
	Body struct {
		Ranks []string `json:"ranks" maxItems:"50" minLength:"1" maxLength:"20" nullable:"false" example:"[\"主席\",\"副主席\",\"秘书长\",\"常委\"]" doc:"职务，从高到低"`
	}
}

// divisionRoutes are the lists of sectors, of groups, and of ranks.
func (a *API) divisionRoutes() {
	a.listRoutes(member.Sector, "sector", "/v1/sectors", "界别")
	a.listRoutes(member.Group, "group", "/v1/groups", "联络组")

	rank := func(id, method, summary string, who access, faults ...*fault.Fault) operation {
		return operation{id: id, method: method, path: "/v1/ranks", summary: summary, tag: "界别和联络组", who: who, faults: faults}
	}
	read(a, rank("rank.list", http.MethodGet, "职务的排列顺序", everybody), func(ctx context.Context, _ *none) (ranksView, error) {
		ranks, err := member.Ranks().Of(ctx, a.db, actorOf(ctx).InstitutionID)
		return ranksView{ranks}, err
	})
	act(a, rank("rank.set", http.MethodPost, "修改职务的排列顺序", roles(member.MemberWorkStaff, member.PlatformAdmin), member.ErrRanks), nil,
		func(ctx context.Context, tx *store.Tx, in setRanks) (ranksView, error) {
			return ranksView(in.Body), a.people.SetRanks(ctx, tx, actorOf(ctx), in.Body.Ranks, a.now())
		})
}

func (a *API) listRoutes(kind member.DivisionKind, noun, base, word string) {
	keeps := roles(member.MemberWorkStaff, member.PlatformAdmin)
	with := func(verb, method, path, summary string, who access, faults ...*fault.Fault) operation {
		return operation{id: noun + "." + verb, method: method, path: base + path, summary: summary + word, tag: "界别和联络组", who: who, faults: faults}
	}
	own := func(ctx context.Context) string { return actorOf(ctx).InstitutionID }
	may := func(ctx context.Context, id string) error {
		_, err := member.FindDivision(ctx, a.db, own(ctx), kind, id)
		return err
	}
	read(a, with("list", http.MethodGet, "", "全部", everybody), func(ctx context.Context, _ *none) (page[divisionView], error) {
		rows, err := member.Divisions(ctx, a.db, own(ctx), kind)
		return cut(rows, len(rows), func(d member.Division) string { return d.ID }, viewDivision), err
	})
	create := with("create", http.MethodPost, "", "添加", keeps, member.ErrDivisionName, member.ErrDivisionsFull)
	create.status = http.StatusCreated
	act(a, create, nil, func(ctx context.Context, tx *store.Tx, in newDivision) (divisionView, error) {
		d, err := member.MakeDivision(ctx, tx, a.now(), own(ctx), kind, in.Body.Name)
		return viewDivision(d), err
	})
	act(a, with("order", http.MethodPost, "/order", "重新排列", keeps, member.ErrDivisionOrder), nil,
		func(ctx context.Context, tx *store.Tx, in orderDivisions) (doneView, error) {
			return doneView{true}, member.OrderDivisions(ctx, tx, own(ctx), kind, in.Body.IDs)
		})
	act(a, with("change", http.MethodPost, "/{id}/change", "改名，名册中的人一并改：", keeps, member.ErrDivisionNotFound, member.ErrDivisionName, member.ErrDivisionStale),
		func(ctx context.Context, in changeDivision) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in changeDivision) (divisionView, error) {
			d, err := member.RenameDivision(ctx, tx, a.now(), own(ctx), kind, in.ID, in.Body.Version, in.Body.Name)
			return viewDivision(d), err
		})
	maySeen := func(ctx context.Context, in seenInput) error { return may(ctx, in.ID) }
	act(a, with("end", http.MethodPost, "/{id}/end", "停用", keeps, member.ErrDivisionNotFound, member.ErrDivisionStale), maySeen,
		func(ctx context.Context, tx *store.Tx, in seenInput) (divisionView, error) {
			d, err := member.EndDivision(ctx, tx, a.now(), own(ctx), kind, in.ID, in.Body.Version)
			return viewDivision(d), err
		})
	act(a, with("restore", http.MethodPost, "/{id}/restore", "恢复使用", keeps, member.ErrDivisionNotFound, member.ErrDivisionStale), maySeen,
		func(ctx context.Context, tx *store.Tx, in seenInput) (divisionView, error) {
			d, err := member.RestoreDivision(ctx, tx, own(ctx), kind, in.ID, in.Body.Version)
			return viewDivision(d), err
		})
}
