// A list page of the case study's shape, made here: 43 KB, 68 pictures that the XPath selects, 17 that it must not.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace doutu {

inline constexpr std::string_view kListPageXpath =
    "//li[@class='list-group-item']//img[@referrerpolicy='no-referrer']/@data-original";
inline constexpr std::size_t kListPageLinks = 68;

inline std::string list_page_picture(int number) {
  return fmt::format(
      R"(          <a class="col-xs-6 col-sm-3" href="/photo/{0}" style="padding:5px;">
            <img referrerpolicy="no-referrer" src="/static/img/loader.gif?33" style="width: 100%; height: 100%;" data-original="http://img.example.com/production/uploads/image/2019/03/04/20190304{0}_abcdef.jpg" alt="熊猫头 震惊 Q&amp;A" class="img-responsive lazy image_dta" data-id="{0}">
            <p style="display: none">熊猫头 震惊 Q&amp;A</p>
          </a>
)",
      630'000 + number);
}

inline std::string list_page_side_item(int number) {
  return fmt::format(
      R"(      <li class="list-group-item hot-item"><a href="/user/{0}"><img referrerpolicy="no-referrer" src="/static/img/loader.gif" data-original="/ads/{0}.gif" class="img-circle" alt="cat"> deadline &lt;3 friday</a><span class=badge>{0}</span></li>
)",
      1000 + number);
}

inline std::string list_page() {
  std::string page = R"(<!DOCTYPE html>
<html lang="zh-CN">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>最新表情_第1页 &raquo; bench</title>
    <link rel="stylesheet" href="/static/css/part0.css?v=20190304">
    <!--[if lt IE 9]><script src="/static/js/html5shiv.js"></script><![endif]-->
    <style>.lazy{min-height:60px} .list-group-item > div > a { padding:5px }</style>
</head>
<body>
<nav class="navbar navbar-default navbar-fixed-top" role="navigation"><div class="container">
    <a class="navbar-brand" href="/"><img src="/static/img/logo.png" alt="logo" referrerpolicy="no-referrer"></a>
    <ul class="nav navbar-nav">
)";
  for (int i = 0; i < 14; ++i) {
    page += fmt::format(
        "        <li class=\"nav-item\"><a href=\"/article/list/?cat={}&amp;sort=new\">哈哈哈 好的</a></li>\n", i);
  }
  page +=
      "    </ul>\n    <form action=\"/search\"><input name=keyword "
      "type=text><button>go</button></form>\n</div></nav>\n";
  page += "<div class=\"col-sm-9\">\n  <ul class=\"list-group\">\n    <li class=\"list-group-item\">\n      <div>\n";
  for (std::size_t i = 0; i < kListPageLinks; ++i) page += list_page_picture(static_cast<int>(i));
  page += "      </div>\n    </li>\n  </ul>\n</div>\n<div class=\"col-sm-3\">\n    <ul class=\"list-group side\">\n";
  for (int i = 0; i < 17; ++i) page += list_page_side_item(i);
  page += "    </ul>\n</div>\n<script>\nvar _list = [";
  for (int i = 0; i < 60; ++i) page += fmt::format(R"({{"id":{},"t":"{:024x}","w":{}}},)", 7'000'000 + i, i * 7919, i);
  return page + "];\nif (1 < 2) { document.body.className += ' hidpi'; }\n</script>\n</body>\n</html>\n";
}

}  // namespace doutu
