package api

import (
	"strconv"
	"strings"

	"yanlu/internal/sheet"
)

// value reads a cell, or says what is wrong with it.
func (f sheetField) value(cell string, names *sheetNames) (value any, problem string) {
	switch f.sort {
	case asNumber:
		n, err := strconv.Atoi(strings.TrimSuffix(cell, "%"))
		if err != nil {
			return nil, "请填写整数"
		}
		return n, ""
	case asSwitch:
		if cell != "是" && cell != "否" {
			return nil, "请填写：是、否"
		}
		return cell == "是", ""
	case asDate:
		day, ok := sheet.Day(cell)
		if !ok {
			return nil, "日期不正确，请写成2026-03-05这样"
		}
		return day.String(), ""
	case asChoice:
		return f.choice(cell)
	case asPerson:
		return names.person(cell)
	case asPeople:
		return eachName(listOf(cell), func(one string) (string, string) { return names.person(one) })
	case asUnit:
		return names.unit(cell)
	case asUnits:
		return eachName(listOf(cell), names.unit)
	case asMatter:
		line, problem := names.matter(cell)
		return line.ID, problem
	case asOutcome:
		return names.outcome(cell)
	default:
		return cell, ""
	}
}

// outcome reads one of the institution's outcomes: its code, its words, or both.
func (n *sheetNames) outcome(cell string) (any, string) {
	var words []string
	for _, o := range n.outcomes {
		both := o.Code + " " + o.Label
		if cell == o.Code || cell == o.Label || cell == both {
			return o.Code, ""
		}
		words = append(words, both)
	}
	return nil, "请填写其中之一：" + strings.Join(words, "、")
}

// eachName reads every name of a cell, until one is wrong.
func eachName(list []string, one func(string) (string, string)) (any, string) {
	ids := []string{}
	for _, word := range list {
		id, problem := one(strings.TrimSpace(word))
		if problem != "" {
			return nil, problem
		}
		ids = append(ids, id)
	}
	return ids, ""
}

func (n *sheetNames) unit(cell string) (id, problem string) {
	u, ok := n.units[cell]
	if !ok {
		return "", "没有“" + cell + "”这个承办单位，请写单位全称"
	}
	return u.ID, ""
}

// choice reads one of some words: the label, or what a client would send.
func (f sheetField) choice(cell string) (any, string) {
	for _, o := range f.choices {
		if cell == o.Label || cell == o.Value {
			return o.Value, ""
		}
	}
	return nil, "请填写其中之一：" + strings.Join(f.column.Choices, "、")
}
