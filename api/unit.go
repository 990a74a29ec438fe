package api

import (
	"context"
	"net/http"

	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// unitView is a unit of the institution.
type unitView struct {
	ID      string               `json:"id" format:"uuid"`
	Name    string               `json:"name"`
	Kind    institution.UnitKind `json:"kind" enum:"HANDLING_UNIT,COMMITTEE,OFFICE,SUPERVISION_OFFICE,LIAISON_GROUP,STUDY_GROUP,TASK_FORCE,PARTY,PEOPLE_GROUP,STUDIO"`
	Word    string               `json:"word" example:"联络室" doc:"What the place calls the kind"`
	Closed  bool                 `json:"closed"`
	Version int64                `json:"version"`
	Former  []formerName         `json:"former_names,omitempty" nullable:"false" doc:"What it was called before, where one unit is read"`
}

type formerName struct {
	Name  string `json:"name"`
	Until string `json:"until" format:"date"`
}

func viewUnit(u institution.Unit) unitView {
	return unitView{ID: u.ID, Name: u.Name, Kind: u.Kind, Word: u.Word(), Closed: u.EndedAt != nil, Version: u.Version}
}

type listUnits struct {
	Paged
	Kind   []institution.UnitKind `query:"kind" enum:"HANDLING_UNIT,COMMITTEE,OFFICE,SUPERVISION_OFFICE,LIAISON_GROUP,STUDY_GROUP,TASK_FORCE,PARTY,PEOPLE_GROUP,STUDIO" doc:"Kinds, with commas; where absent, those that handle matters"`
	Closed institution.Closed     `query:"closed" enum:"OPEN,CLOSED,ALL" default:"OPEN" doc:"Whether units that are no longer used are wanted"`
	Name   string                 `query:"name" maxLength:"50" doc:"What the name begins with" example:"言城县"`
}

type listBodies struct {
	Paged
	Kind     string          `query:"kind" required:"true" minLength:"1" maxLength:"30" doc:"Of the matter that is handed in" example:"opinion"`
	BodyKind matter.BodyKind `query:"body_kind" required:"true" enum:"UNIT,STUDIO,COMMITTEE,PARTY,GROUP,SECTOR,PANEL,INSTITUTION" doc:"What the units are as authors" example:"STUDIO"`
	Name     string          `query:"name" maxLength:"50" doc:"What the name begins with" example:"言城县"`
}

// UnitFields are what a unit is.
type UnitFields struct {
	Name string `json:"name" minLength:"1" maxLength:"50" example:"言城县林业局" doc:"单位名称"`
	Word string `json:"word" maxLength:"10" example:"承办单位" doc:"类型：承办单位、专门委员会、专委会、办公室、信息科、督查室、联络组、联络处、联络室、联络办、镇区工委、学习小组、专班、民主党派、人民团体、工商联、委员工作室、联络站"`
}

type newUnit struct {
	Keyed
	Body struct{ UnitFields }
}

type changeUnit struct {
	KeyedID
	Body struct {
		UnitFields
		Seen
	}
}

type seenInput struct {
	KeyedID
	Body struct{ Seen }
}

func (a *API) unitRoutes() {
	keeps := roles(member.MemberWorkStaff, member.PlatformAdmin)
	reads := roles(member.InfoStaff, member.ProposalStaff, member.Leader, member.MemberWorkStaff, member.PlatformAdmin)
	with := func(id, method, path, summary string, who access, faults ...*fault.Fault) operation {
		return operation{id: id, method: method, path: path, summary: summary, tag: "单位", who: who, faults: faults}
	}
	read(a, with("unit.list", http.MethodGet, "/v1/units", "单位列表，供转办时选择", reads, errCursor), func(ctx context.Context, in *listUnits) (page[unitView], error) {
		after, err := idCursor(in.After)
		if err != nil {
			return page[unitView]{}, err
		}
		units, err := institution.Units(ctx, a.db, actorOf(ctx).InstitutionID, institution.UnitFilter{
			Kinds: in.Kind, Closed: in.Closed, Begins: in.Name, After: after, Limit: in.Limit + 1,
		})
		return cut(units, in.Limit, func(u institution.Unit) string { return u.ID }, viewUnit), err
	})
	read(a, with("unit.bodies", http.MethodGet, "/v1/bodies", "以集体名义提交时可选的单位", everybody, errCursor), a.listBodies)
	read(a, with("unit.read", http.MethodGet, "/v1/units/{id}", "查看单位", reads, institution.ErrUnitNotFound), func(ctx context.Context, in *IDInput) (unitView, error) {
		u, err := institution.FindUnit(ctx, a.db, actorOf(ctx).InstitutionID, in.ID)
		if err != nil {
			return unitView{}, err
		}
		names, err := institution.FormerNames(ctx, a.db, u)
		v := viewUnit(u)
		for _, n := range names {
			v.Former = append(v.Former, formerName{n.Name, local(n.Until).Format("2006-01-02")})
		}
		return v, err
	})
	create := with("unit.create", http.MethodPost, "/v1/units", "添加单位", keeps, institution.ErrUnitKind, institution.ErrUnitName)
	create.status = http.StatusCreated
	act(a, create, nil, func(ctx context.Context, tx *store.Tx, in newUnit) (unitView, error) {
		u, err := institution.MakeUnit(ctx, tx, a.now(), actorOf(ctx).InstitutionID, institution.UnitInput(in.Body.UnitFields))
		return viewUnit(u), err
	})
	may := func(ctx context.Context, id string) error {
		_, err := institution.FindUnit(ctx, a.db, actorOf(ctx).InstitutionID, id)
		return err
	}
	act(a, with("unit.change", http.MethodPost, "/v1/units/{id}/change", "修改单位", keeps,
		institution.ErrUnitNotFound, institution.ErrUnitKind, institution.ErrUnitName, institution.ErrUnitStale),
		func(ctx context.Context, in changeUnit) error { return may(ctx, in.ID) },
		func(ctx context.Context, tx *store.Tx, in changeUnit) (unitView, error) {
			u, err := institution.ChangeUnit(ctx, tx, a.now(), actorOf(ctx).InstitutionID, in.ID, in.Body.Version, institution.UnitInput(in.Body.UnitFields))
			return viewUnit(u), err
		})
	maySeen := func(ctx context.Context, in seenInput) error { return may(ctx, in.ID) }
	act(a, with("unit.end", http.MethodPost, "/v1/units/{id}/end", "停用单位", keeps, institution.ErrUnitNotFound, institution.ErrUnitStale), maySeen,
		func(ctx context.Context, tx *store.Tx, in seenInput) (unitView, error) {
			u, err := institution.CloseUnit(ctx, tx, a.now(), actorOf(ctx).InstitutionID, in.ID, in.Body.Version)
			return viewUnit(u), err
		})
	act(a, with("unit.restore", http.MethodPost, "/v1/units/{id}/restore", "恢复使用单位", keeps, institution.ErrUnitNotFound, institution.ErrUnitStale), maySeen,
		func(ctx context.Context, tx *store.Tx, in seenInput) (unitView, error) {
			u, err := institution.ReopenUnit(ctx, tx, actorOf(ctx).InstitutionID, in.ID, in.Body.Version)
			return viewUnit(u), err
		})
}

// listBodies lists the units for which the asker may hand in a kind, as its form asks.
func (a *API) listBodies(ctx context.Context, in *listBodies) (page[unitRefView], error) {
	after, err := idCursor(in.After)
	if err != nil {
		return page[unitRefView]{}, err
	}
	if a.matters.Flow(matter.Kind(in.Kind)).Name == "" {
		return page[unitRefView]{}, errInvalid.With(fault.Field{Path: "query.kind", Message: "没有这种事项"})
	}
	units, err := a.matters.BodyUnits(ctx, actorOf(ctx), matter.Kind(in.Kind), matter.BodyFilter{
		Kind: in.BodyKind, Begins: in.Name, After: after, Limit: in.Limit + 1,
	})
	return cut(units, in.Limit, func(u institution.Unit) string { return u.ID }, func(u institution.Unit) unitRefView { return unitRefView{u.ID, u.Name} }), err
}
