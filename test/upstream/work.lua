-- What the interpreter needs of an operating system, and a good deal of its own work. It prints nothing that differs from run to run.
print(_VERSION, #arg, arg[1], arg[2])

-- Numbers and strings
print(7 // 2, 7 % -3, 2 ^ 0.5, 1e300 * 1e10, -0.0, math.maxinteger + 1 == math.mininteger, 10 / 3)
print(("%5.2f|%-8s|%x|%q"):format(math.pi, "left", 255, 'a "quoted"\nline'))
print(string.pack("<i4z", 305419896, "packed"):byte(1, -1))
print(("the quick brown fox"):gsub("%w+", function(word) return word:sub(1, 1):upper() .. word:sub(2) end))
print(utf8.char(72, 228, 8364, 128512), utf8.len("äöü"))

-- Tables, closures, coroutines
local words = {}
for word in ("pear apple fig cherry banana"):gmatch("%a+") do words[#words + 1] = word end
table.sort(words)
print(table.concat(words, " "))
local function permutations(list, n)
  n = n or #list
  if n <= 1 then coroutine.yield(table.concat(list)) return end
  for i = 1, n do
    list[n], list[i] = list[i], list[n]
    permutations(list, n - 1)
    list[n], list[i] = list[i], list[n]
  end
end
local count, last = 0, nil
for text in coroutine.wrap(function() permutations({ "a", "b", "c", "d", "e", "f" }) end) do count, last = count + 1, text end
print(count, last)

-- Memory: much is made and let go, so the heap grows and shrinks
local kept, sum = {}, 0
for i = 1, 200000 do
  kept[i % 1000] = { i, tostring(i) }
  sum = sum + #kept[i % 1000][2]
end
collectgarbage()
print(sum, collectgarbage("count") < 20000)
local long = ("x"):rep(4 * 1024 * 1024)
print(#(long .. long), long:find("y"))

-- Errors
print(select(2, pcall(error, { code = 42 })).code)
print(select(2, pcall(function() return nil + 1 end)))
print(select(2, pcall(string.rep, "x", 1 << 60)))
local function deep(n) return 1 + deep(n + 1) end
print((select(2, pcall(deep, 1)):gsub("\n.*", "")))

-- Files
local file = assert(io.open("numbers.txt", "w"))
for i = 1, 1000 do file:write(i * i, "\n") end
print(file:seek("cur"), file:seek("set", 2), file:seek("end"))
file:close()
local total = 0
for line in io.lines("numbers.txt") do total = total + tonumber(line) end
print(total)
file = assert(io.open("numbers.txt", "r+"))
file:setvbuf("full", 100)
print(file:read("n", "n", "l", "L"))
file:seek("set", 4)
file:write("#")
file:flush()
file:seek("set")
print((file:read(12):gsub("\n", " ")))
file:close()
print(os.rename("numbers.txt", "squares.txt"), io.open("numbers.txt"))
print(os.remove("squares.txt"), os.remove("squares.txt"))
print(io.type(io.stdout), io.type(file), pcall(file.read, file))
local temporary = io.tmpfile()
temporary:write("temporary")
temporary:seek("set")
print(temporary:read("a"))

-- Time and the environment
print(os.date("!%Y-%m-%d %H:%M:%S", 86400 * 365), os.time({ year = 2001, month = 9, day = 9, hour = 1, min = 46, sec = 40 }))
local before = os.clock()
while os.clock() - before < 0.01 do end
print(os.time() > 1600000000, os.getenv("NOT_THERE"), os.setlocale("C"))

-- Code that is loaded
package.path = "./?.lua"
file = assert(io.open("shape.lua", "w"))
file:write("local shape = ...; return { name = shape, area = function(r) return r * r end }")
file:close()
print(require("shape").name, require("shape").area(12), package.loaded.shape == require("shape"))
print(load("return 1 +")) -- a syntax error
io.stderr:write("")
os.exit(3)
